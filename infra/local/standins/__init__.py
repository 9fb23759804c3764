"""Stand-ins for the outside services that the functions call over HTTP.

One server speaks WeChat's and WeCom's protocols, whose paths do not collide. Both answer refusals
with HTTP 200 and an errcode in the body.
"""
