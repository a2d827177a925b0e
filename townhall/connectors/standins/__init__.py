"""Stand-ins: a waste and a works system as real HTTP servers, for the demo and the tests (`townhall standins`)."""

from townhall.connectors.standins.server import Standin, Standins, serve

__all__ = ["Standin", "Standins", "serve"]
