"""The change log as its followers read it: in order, from a position. Writing it lives in stores."""
