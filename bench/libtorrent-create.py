"""A hybrid torrent made by libtorrent: libtorrent-create.py NAME TORRENT PIECE_LENGTH, NAME in the working folder."""

import os
import sys

import libtorrent as lt

name, torrent, piece_length = sys.argv[1:]
storage = lt.file_storage()
lt.add_files(storage, os.path.abspath(name))
made = lt.create_torrent(storage, int(piece_length))
lt.set_piece_hashes(made, os.getcwd())
with open(torrent, 'wb') as out:
    out.write(lt.bencode(made.generate()))
