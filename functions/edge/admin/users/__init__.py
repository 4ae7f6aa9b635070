"""The users in the admin API: found, changed and seen as they see themselves. May import what `edge.admin` may."""
