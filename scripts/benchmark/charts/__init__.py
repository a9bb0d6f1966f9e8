"""The plots, one file each. Each draws the results, or returns nothing when its figures weren't measured."""
