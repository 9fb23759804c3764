"""Two deeds at once end as if one had been done after the other.

One deed is under way; before one of its calls to the table the other one is done from beginning to
end. Then all that follows from both is followed, and the table has to be, item by item, what one of
the two orders would have left, with the same answers. `village` is the world in which they happen
and what can be done in it, `pairs` plays them.
"""
