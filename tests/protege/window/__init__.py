"""The real window of Protégé Desktop 5.6.5, assembled from Maven artifacts, on a screen that nobody sees."""
