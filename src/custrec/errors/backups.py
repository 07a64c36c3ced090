"""Errors of backups and of the keys that seal and sign them."""

from __future__ import annotations

from custrec.errors.branches import BackupError, Declined, InputError, IoFailure, WorldMoved


class NoRecipients(BackupError):
    """There is nobody to encrypt a backup to."""

    slug = "no-recipients"
    sentence = "{path} names nobody who could open a backup; none was made"
    remedy = "make keys with: custrec key init"


class RecipientInvalid(InputError):
    """A text is no public key of age or of ssh-ed25519."""

    slug = "recipient-invalid"
    sentence = "{where}: this is no public key to encrypt to"
    remedy = "a recipient begins with age1 or ssh-ed25519 (custrec key show prints yours)"


class RecipientIsSecret(InputError):
    """Somebody gave the secret key where the public one was asked for."""

    slug = "recipient-is-secret"
    sentence = "{where}: this is a secret key, and a public one is wanted; it was not kept"
    remedy = "give the public key, which begins with age1; if others may have seen the secret one: custrec key rotate"


class RecipientUnknown(InputError):
    """No recipient has this name or key."""

    slug = "recipient-unknown"
    sentence = "no recipient is called {name}"
    remedy = "custrec key show lists them"


class NoRecovery(Declined):
    """Backups that only one key opens are lost with it."""

    slug = "no-recovery"
    sentence = "backups would be lost with one key: no second recipient was given"
    remedy = (
        "keep a second key offline (--new-recovery /media/usb/recovery.txt, or --recovery age1…), "
        "or say --i-accept-data-loss"
    )


class LastRecipient(Declined):
    """Who removed the last recipient could make no backup."""

    slug = "last-recipient"
    sentence = "{name} is the last recipient; without one there are no backups"
    remedy = "add another first: custrec key add RECIPIENT"


class IdentityMissing(BackupError):
    """There is no secret key to open a backup with."""

    slug = "identity-missing"
    sentence = "there is no secret key {path}"
    remedy = "name the file with --key-file, or run this where the key is kept"


class IdentityInvalid(BackupError):
    """A file holds no secret key."""

    slug = "identity-invalid"
    sentence = "{path} holds no secret key that custrec can read ({reason})"
    remedy = "give the file that custrec key init, age-keygen or ssh-keygen -t ed25519 wrote"


class IdentityLoose(BackupError):
    """Others may read the secret key."""

    slug = "identity-loose"
    sentence = "{path} can be read by others (mode {mode}), so it was not used"
    remedy = "chmod 600 {path}; if others may have read it: custrec key rotate"


class IdentityExists(Declined):
    """A key is never overwritten."""

    slug = "identity-exists"
    sentence = "{path} exists already; no key is ever overwritten"
    remedy = "choose another file"


class KeyringUnusable(BackupError):
    """The keyring of the platform cannot be used."""

    slug = "keyring-unusable"
    sentence = "the keyring of this machine cannot be used: {reason}"
    remedy = (
        "pip install 'custrec[keyring]' where it has one; else leave out --keyring, and the key is kept in a file "
        "that only you can read"
    )


class KeyOpensNothing(BackupError):
    """The backup was sealed for others."""

    slug = "key-opens-nothing"
    sentence = "{file} was not sealed for this key"
    remedy = "give another key with --key-file; the manifest names the recipients: custrec backup list --json"


class BackupUnknown(BackupError):
    """No target has such a backup."""

    slug = "backup-unknown"
    sentence = "there is no backup {name} in {places}"
    remedy = "custrec backup list shows what there is; look elsewhere with --from FOLDER"


class BackupDamaged(BackupError):
    """A backup is not what its manifest says."""

    slug = "backup-damaged"
    sentence = "{file} is not the backup that was made: {reason}"
    remedy = "use another one (custrec backup list), and look after the disk that this one lies on"


class SigningKeyUnusable(BackupError):
    """The key that this host signs with cannot be used."""

    slug = "signing-key-unusable"
    sentence = "{path} cannot be used to sign a backup ({reason}); none was made"
    remedy = "put the right key back with mode 600, or move the file away: the next backup makes a new one"


class BackupRoomMissing(IoFailure):
    """There is not the room that a backup takes while it is made."""

    slug = "backup-room-missing"
    sentence = (
        "a backup of {store} takes about {needed:,.0f} MB of disk beside it meanwhile, and {free:,.0f} MB are free"
    )
    remedy = "free some space, or put the store on a larger disk; no backup was made"


class HookFailed(BackupError):
    """The program that is run after a backup did not do its work."""

    slug, exit_code = "hook-failed", 3
    sentence = "the backup is good, but post_hook {program} failed ({how})"
    remedy = "see what it printed, and run: custrec backup create"


class BackupNotProved(BackupError):
    """A new backup failed its own drill."""

    slug = "backup-not-proved"
    sentence = "the backup did not give back what went into it ({reason}); it was thrown away"
    remedy = "check this machine's memory and disk, then run it again; older backups are untouched"


class ManifestForged(BackupError):
    """The manifest has no good signature by a known signer."""

    slug = "manifest-forged"
    sentence = "{file}: {reason}"
    remedy = (
        "do not trust this backup unless you know its origin; the known signers stand in {signers}, "
        "and one can be given with --signer"
    )


class ForeignBackup(BackupError):
    """The backup is of another store."""

    slug = "foreign-backup"
    sentence = "{file} is a backup of another store"
    remedy = "restore it beside this one with --to FILE, or choose a backup of this store"


class BackupOfOtherSchema(BackupError):
    """The schema was changed since the backup was made, so that its rows do not fit."""

    slug = "backup-of-other-schema"
    sentence = "{file} was made under another schema, so single records of it do not fit this store"
    remedy = "restore it beside this one with --to FILE, export the records there and import them here"


class KeepsNothing(InputError):
    """A policy that keeps nothing is a mistake."""

    slug = "keeps-nothing"
    sentence = "this policy would keep no backup at all"
    remedy = "say what to keep, for example: custrec backup prune --keep-last 3 --keep-daily 7 --keep-monthly 12"


class RestoreNeedsConsent(Declined):
    """A store is to be replaced, and nobody said yes."""

    slug = "restore-needs-consent"
    sentence = "{file} would take the place of {store}, which wants consent"
    remedy = "restore it beside with --to FILE and look at it first; then add --yes"


class TargetUnusable(BackupError):
    """A folder for backups cannot be used."""

    slug = "target-unusable"
    sentence = "the folder {path} cannot be used for backups: {reason}"
    remedy = "mount or make the folder, or name another with --to"


class PlaceUnreachable(TargetUnusable):
    """A place over a network does not answer, or does not let us in."""

    slug = "place-unreachable"
    sentence = "{path} cannot be reached: {reason}"
    remedy = "see that it is there and lets you in; what it missed goes there with: custrec backup push"


class RemoteExtraMissing(BackupError):
    """What reaches places over a network is not installed."""

    slug = "remote-extra-missing"
    sentence = "{url} cannot be reached: {module} is not installed"
    remedy = "pip install 'custrec[remote]', or pipx inject custrec 'custrec[remote]'"


class ArchiveIsNoBackup(BackupError):
    """An archive file holds some records, not a store: it must not take a store's place."""

    slug = "archive-is-no-backup"
    sentence = "{file} is an archive file: it holds the records that were archived then, and is no backup of a store"
    remedy = "bring its records back with: custrec unarchive --from FILE"


class NoArchive(BackupError):
    """A file that is to give back archived records is none that custrec made for that."""

    slug = "no-archive"
    sentence = "{file} is no archive file of this store"
    remedy = "name one of custrec.archive/; single records of a backup: custrec restore --records"


class BackupRunning(WorldMoved):
    """Two backups of one store at once."""

    slug = "backup-running"
    sentence = "another custrec is at the backups of this store (process {pid}, {verb})"
    remedy = "wait for it to end, and run this again"
