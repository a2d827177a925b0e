"""What the pages of a resident's account show, put together from the apps below."""
