"""Records as older versions left them, one SQL text for each schema there was. Not for records of this version."""
