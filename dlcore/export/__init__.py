"""A recipe to take home: script and notebook."""
