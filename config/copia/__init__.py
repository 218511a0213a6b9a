"""Backup and restore of an installation: database and documents in one file. docs/backup.md tells what and why.

`formato` is the file, `banco` the database's part, `guardar` and `restaurar` the two acts, `chaves` which keys they ask
for, `terminal` what a person sees of them.
"""
