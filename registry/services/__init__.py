"""What the registry does, in the words of its users; the api and the command line call these."""
