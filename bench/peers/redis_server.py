"""The Redis of the peers that need one: without persistence, on a unix socket."""


def start(peer):
    """Returns the socket, which is in the peer's own folder."""
    socket = peer.folder / "redis.sock"
    server = peer.start(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "",
                         "--appendonly", "no"], "redis")
    server.wait_for_socket(socket)
    return socket
