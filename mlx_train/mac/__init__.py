"""What has to be confirmed on a Mac, as far as a program can: `./just mac-check`."""
