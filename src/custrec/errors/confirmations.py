"""Errors of campaigns that confirm values, of their letters and of the answers."""

from __future__ import annotations

from custrec.errors.branches import BackupError, Declined, InputError, UsageError


class CampaignUnknown(UsageError):
    """No campaign has this name."""

    slug = "campaign-unknown"
    sentence = "there is no campaign {name}"
    remedy = "custrec confirm status lists them"


class CampaignExists(UsageError):
    """A campaign of this name was begun before."""

    slug = "campaign-exists"
    sentence = "there is a campaign {name} already"
    remedy = "choose another name; new records come onto its list with: custrec confirm extend {name}"


class CampaignClosed(InputError):
    """The campaign takes no more work."""

    slug = "campaign-closed"
    sentence = "the campaign {name} {why}; nothing was changed"
    remedy = "{what}"


class NothingToConfirm(InputError):
    """A campaign would have no fields, or no records."""

    slug = "nothing-to-confirm"
    sentence = "there is nothing to confirm in {table}: {why}"
    remedy = "{what}"


class RecordNotAsked(InputError):
    """The record is not on the work list of the campaign."""

    slug = "record-not-asked"
    sentence = "{count:,} record{s} of {table} {are} not on the list of {campaign}; nothing was changed"
    remedy = "leave out --campaign, or take new records in first: custrec confirm extend {campaign}"


class ConfirmKeyMissing(BackupError):
    """The key that signed the letters is not there, so that no answer can be proved."""

    slug = "confirm-key-missing"
    sentence = "there is no key {path}, so no answer can be proved; nothing was changed"
    remedy = "put back the file that signed the letters; without it write them anew: custrec confirm letters"


class ConfirmKeyUnusable(BackupError):
    """The file is no key, or others may read it."""

    slug = "confirm-key-unusable"
    sentence = "{path} {why}, so it was not used"
    remedy = "{what}"


class RepliesUnreadable(InputError):
    """A file holds no answers to letters."""

    slug = "replies-unreadable"
    sentence = "{file} holds no answers: {why}"
    remedy = "answers have a column token, the one of the letters, beside the fields that were asked about"


class LettersExist(Declined):
    """Letters are not written over."""

    slug = "letters-exist"
    sentence = "{path} is there already; nothing was written"
    remedy = "give another folder, or take the old letters away"
