"""Tokens of clouds and services without their command line programs, by HTTP requests in a helper process."""
