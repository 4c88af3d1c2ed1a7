"""transmission-daemon with one torrent, as a seed or a leech, told what to do over its RPC. Takes a job as JSON and
prints {"type": "seeding"} when it has all and its tracker knows of it, {"type": "done"} when it has all."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

job = json.loads(sys.argv[1])
url = f"http://{job['address']}:9091/transmission/rpc"
config = os.path.join(os.getcwd(), 'config')
os.makedirs(config)
with open(os.path.join(config, 'settings.json'), 'w') as settings:
    json.dump({
        'bind-address-ipv4': job['address'],
        'peer-port': job['port'],
        'rpc-bind-address': job['address'],
        'rpc-port': 9091,
        'rpc-whitelist-enabled': False,
        'rpc-host-whitelist-enabled': False,
        'rpc-authentication-required': False,
        'dht-enabled': False,
        'lpd-enabled': job['isLsd'],
        'pex-enabled': job['isPex'],
        'utp-enabled': False,
        'port-forwarding-enabled': False,
        'encryption': 0,
        'download-dir': job['folder'],
        'rename-partial-files': False,
        'message-level': 3 if job['isTraced'] else 2,
    }, settings)
daemon = subprocess.Popen(['transmission-daemon', '-f', '-g', config], stdout=sys.stdout, stderr=sys.stdout)


def stop(*_):
    daemon.terminate()
    try:
        daemon.wait(timeout=5)
    except subprocess.TimeoutExpired:
        print('the daemon does not end: killed', flush=True)
        daemon.kill()
    os._exit(0)


signal.signal(signal.SIGTERM, stop)
session_id = ''
SEEDING = 6
FIELDS = ['percentDone', 'metadataPercentComplete', 'status', 'trackerStats', 'error', 'errorString']


def call(method, arguments):
    """One RPC; the first one is refused with the session id to use (Transmission's way against CSRF)."""
    global session_id
    body = json.dumps({'method': method, 'arguments': arguments}).encode()
    for _ in range(2):
        try:
            request = urllib.request.Request(url, body, {'X-Transmission-Session-Id': session_id})
            answer = json.load(urllib.request.urlopen(request))
            if answer['result'] != 'success':
                raise RuntimeError(answer['result'])
            return answer['arguments']
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            session_id = error.headers['X-Transmission-Session-Id']
    raise RuntimeError('refused twice')


def tell(kind):
    print(json.dumps({'type': kind}), flush=True)


def wait_for_rpc():
    while daemon.poll() is None:
        try:
            return call('session-get', {})
        except OSError:
            time.sleep(0.05)


def add():
    if 'magnet' in job:
        return call('torrent-add', {'filename': job['magnet']})
    with open(job['torrent'], 'rb') as torrent:
        return call('torrent-add', {'metainfo': base64.b64encode(torrent.read()).decode()})


def watch():
    told = set()
    while daemon.poll() is None:
        [torrent] = call('torrent-get', {'fields': FIELDS})['torrents']
        if torrent['error'] and torrent['errorString'] not in told:
            told.add(torrent['errorString'])
            print(torrent['errorString'], flush=True)
        if 'done' not in told and torrent['metadataPercentComplete'] == 1 and torrent['percentDone'] == 1:
            told.add('done')
            tell('done')
        is_known = any(tracker['lastAnnounceSucceeded'] for tracker in torrent['trackerStats'])
        if 'seeding' not in told and torrent['status'] == SEEDING and is_known:
            told.add('seeding')
            tell('seeding')
        time.sleep(0.05)


try:
    wait_for_rpc()
    add()
    watch()
finally:
    daemon.kill()
