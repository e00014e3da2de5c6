"""/api/v1/ of this room, a module a noun."""
