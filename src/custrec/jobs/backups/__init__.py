"""Backups: keys, sealed copies that have proved themselves, and the way back.

custrec.recipients     who can open a backup: public keys, in age's own form
custrec.signers        whose signature a manifest must bear: public keys, in OpenSSH's own form
custrec.signing-key    what this host signs with (0600)
custrec.backups/       where backups go if nobody says another place
custrec.backup-lock    held by whoever is at the backups
"""
