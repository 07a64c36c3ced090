"""Importing: files, archives and folders become plans."""
