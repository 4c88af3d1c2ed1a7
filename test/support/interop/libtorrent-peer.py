"""libtorrent with one torrent, as a seed or a leech. Takes a job as JSON and prints a JSON object a line:
{"type": "done"} when all is there and written, {"type": "alert", ...} for what happens."""

import json
import os
import signal
import sys

import libtorrent as lt

job = json.loads(sys.argv[1])


def tell(kind, **more):
    print(json.dumps({'type': kind, **more}), flush=True)


categories = lt.alert.category_t
quiet = categories.error_notification | categories.status_notification | categories.tracker_notification
quiet |= categories.connect_notification | categories.storage_notification | categories.peer_notification
session = lt.session({
    'listen_interfaces': f"[{job['address']}]:{job['port']}" if ':' in job['address'] else f"{job['address']}:{job['port']}",
    'outgoing_interfaces': job['address'],
    'alert_mask': categories.all_categories if job['isTraced'] else quiet,
    'enable_dht': False,
    'enable_lsd': job.get('isLsd', False),
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_outgoing_utp': False,
    'enable_incoming_utp': False,
    'out_enc_policy': 2,
    'in_enc_policy': 2,
    'allow_multiple_connections_per_ip': True,
    'min_reconnect_time': 1,
})

if 'magnet' in job:
    params = lt.parse_magnet_uri(job['magnet'])
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(job['torrent'])
params.save_path = job['folder']
params.flags &= ~lt.torrent_flags.auto_managed
params.flags &= ~lt.torrent_flags.paused
handle = session.add_torrent(params)
for host, port in job['peers']:
    handle.connect_peer((host, port))

stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
is_flushing = False
is_done = False
restarts = 0
while not stop:
    session.wait_for_alert(100)
    for alert in session.pop_alerts():
        tell('alert', alert=alert.what(), text=alert.message())
        # A fault of libtorrent 2.0.8 (its issue 6394): sometimes it judges a piece of a hybrid by its v1 hash before it has
        # put the v2 hashes that just came into its tree. Its users start such a torrent again, and so does this one.
        if isinstance(alert, lt.torrent_error_alert) and alert.error.value() == 217 and restarts < 3:
            restarts += 1
            tell('alert', alert='restarted', text='after the fault of libtorrent issue 6394')
            handle.clear_error()
            handle.resume()
        if is_flushing and not is_done and isinstance(alert, lt.cache_flushed_alert):
            is_done = True
            tell('done')
    # It is a seed as soon as all is hashed: what its disk thread has not written by then would be lost with the process.
    if not is_flushing and handle.status().is_seeding:
        is_flushing = True
        handle.flush_cache()
session.pause()
sys.stdout.flush()
os._exit(0)
