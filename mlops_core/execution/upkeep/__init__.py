"""Keeping the store in order: what is alive is found in the database and handed to the store."""
