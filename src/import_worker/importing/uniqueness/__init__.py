"""Values that must not come twice: found once, by the plan, in bounded memory whatever the size of the file."""
