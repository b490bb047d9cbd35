"""The live consultation: the pages of the site, and forms that write in the register."""
