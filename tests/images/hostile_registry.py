#!/usr/bin/env python3
"""A registry that lies: each repository is another lie. It serves plain HTTP at 127.0.0.1 in the network namespace of
the test, and writes a line for each request.

hostile_registry.py PORT LOG
"""
import gzip
import hashlib
import http.server
import io
import json
import subprocess
import sys
import tarfile
import time

OCI = 'application/vnd.oci.image.'
MANIFEST, INDEX, CONFIG = OCI + 'manifest.v1+json', OCI + 'index.v1+json', OCI + 'config.v1+json'
SECRET = 'signature-that-nobody-may-see'


def digest(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def archive(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def noise(seed, size):
    data = b''
    while len(data) < size:
        data += hashlib.sha256(f'{seed}{len(data)}'.encode()).digest()
    return data[:size]


class Image:
    """An image of two layers. `kind` is how they are packed."""

    def __init__(self, kind='gzip'):
        self.blobs, self.manifests = {}, {}
        pack = {'gzip': lambda data: gzip.compress(data, 1, mtime=0),
                'zstd': lambda data: subprocess.run(['zstd', '-q'], input=data, stdout=subprocess.PIPE).stdout}[kind]
        archives = [archive(name, noise(name, 100_000)) for name in ('lower', 'upper')]
        self.layers = [self.put(pack(data), OCI + 'layer.v1.tar+' + kind) for data in archives]
        config = {'architecture': 'amd64', 'os': 'linux', 'config': {'Cmd': ['sh']},
                  'rootfs': {'type': 'layers', 'diff_ids': [digest(data) for data in archives]}}
        self.config = self.put(json.dumps(config).encode(), CONFIG)
        self.tag(self.manifest())

    def put(self, data, media_type):
        self.blobs[digest(data)] = data
        return {'mediaType': media_type, 'digest': digest(data), 'size': len(data)}

    def manifest(self, **changes):
        content = {'schemaVersion': 2, 'mediaType': MANIFEST, 'config': self.config, 'layers': self.layers}
        return json.dumps({**content, **changes}).encode()

    def tag(self, data, media_type=MANIFEST):
        self.manifests['latest'] = self.manifests[digest(data)] = (data, media_type)
        return {'mediaType': media_type, 'digest': digest(data), 'size': len(data),
                'platform': {'os': 'linux', 'architecture': 'amd64'}}

    def index(self, *entries):
        self.tag(json.dumps({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': entries}).encode(), INDEX)


def index_of_index(says):
    image = Image()
    inner = image.tag(json.dumps({'schemaVersion': 2, 'mediaType': INDEX, 'manifests': []}).encode(), INDEX)
    image.index({**inner, 'mediaType': says})
    return image


def with_layers(change):
    image = Image()
    image.tag(image.manifest(layers=[change(dict(layer)) for layer in image.layers]))
    return image


def changed(image, what):
    """The bytes of a blob that are not those of its digest."""
    name = getattr(image, what)['digest'] if what == 'config' else image.layers[0]['digest']
    data = bytearray(image.blobs[name])
    data[-9] ^= 1
    image.blobs[name] = bytes(data)
    return image


def artifact():
    image = Image()
    image.tag(image.manifest(artifactType='application/x-chart', config={
        'mediaType': 'application/vnd.oci.empty.v1+json', 'digest': digest(b'{}'), 'size': 2}))
    return image


def schema1():
    image = Image()
    image.tag(json.dumps({'schemaVersion': 1, 'name': 'schema1', 'tag': 'latest', 'architecture': 'amd64',
                          'fsLayers': [], 'history': [], 'signatures': []}).encode(),
              'application/vnd.docker.distribution.manifest.v1+json')
    return image


REPOSITORIES = {
    'zstd': Image('zstd'),
    'index-in-index': index_of_index(INDEX),
    'index-that-says-manifest': index_of_index(MANIFEST),
    'artifact': artifact(),
    'schema1': schema1(),
    'wrong-layer': changed(Image(), 'layers'),
    'wrong-config': changed(Image(), 'config'),
    'larger-than-said': with_layers(lambda layer: {**layer, 'size': 10}),
    'smaller-than-said': with_layers(lambda layer: {**layer, 'size': layer['size'] + 1000}),
    'other-platform': None,
}
GOOD = Image()
other = Image()
other.index({**other.tag(other.manifest()), 'platform': {'os': 'linux', 'architecture': 's390x'}})
REPOSITORIES['other-platform'] = other


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def answer(self, status, data, media_type='application/json', **headers):
        self.send_response(status)
        self.send_header('Content-Type', media_type)
        self.send_header('Content-Length', str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def error(self, status, code, message):
        self.answer(status, json.dumps({'errors': [{'code': code, 'message': message}]}).encode())

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        with open(sys.argv[2], 'a') as log:
            log.write(f'{self.command} {self.path}\n')
        path = self.path.split('?')[0]
        if path == '/v2/':
            return self.answer(200, b'{}')
        if path.startswith('/elsewhere/'):
            return self.answer(200, GOOD.blobs[path[11:]], 'application/octet-stream')
        repository, kind, name = path[4:].rsplit('/', 2)
        image = REPOSITORIES.get(repository, GOOD)
        if kind == 'manifests':
            return self.manifest(repository, image, name)
        return self.blob(repository, image, name)

    def manifest(self, repository, image, name):
        if repository == 'long-manifest':
            return self.endless(100 << 20, b' ' * (1 << 20))
        if repository == 'page':
            return self.answer(200, b'<html>Please log in</html>', 'text/html')
        if repository == 'broken':
            return self.error(500, 'UNKNOWN', 'out of order')
        if repository == 'rude':
            return self.error(404, 'MANIFEST_UNKNOWN',
                              'manifest unknown \x1b[2J http://user:hunter2@registry.example/x?token=' + SECRET)
        if repository == 'another-manifest' and name.startswith('sha256:'):
            name = 'latest'
        if name not in image.manifests:
            return self.error(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
        data, media_type = image.manifests[name]
        return self.answer(200, data, media_type, Docker_Content_Digest=digest(data))

    def blob(self, repository, image, name):
        if name not in image.blobs:
            return self.error(404, 'BLOB_UNKNOWN', 'blob unknown')
        data = image.blobs[name]
        if name == image.config['digest'] or self.command == 'HEAD':
            return self.answer(200, data, 'application/octet-stream')
        if repository == 'redirect':
            return self.answer(307, b'', Location=f'http://127.0.0.1:{sys.argv[1]}/elsewhere/{name}?sign={SECRET}')
        if repository == 'redirect-to-nowhere':
            return self.answer(307, b'', Location=f'http://127.0.0.1:1/elsewhere/{name}?sign={SECRET}')
        if repository == 'endless':
            return self.endless(1 << 40, b'x' * (1 << 20))
        if repository in ('cut', 'stall', 'slow'):
            return self.in_pieces(repository, data)
        return self.answer(200, data, 'application/octet-stream')

    def endless(self, size, piece):
        self.send_response(200)
        self.send_header('Content-Type', MANIFEST)
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(size // len(piece)):
                self.wfile.write(piece)
        except OSError:
            pass

    def in_pieces(self, repository, data):
        self.send_response(200)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.close_connection = True
        half = len(data) // 2
        if repository == 'slow':
            for at in range(0, len(data), len(data) // 8):
                self.wfile.write(data[at:at + len(data) // 8])
                self.wfile.flush()
                time.sleep(0.25)
            return
        self.wfile.write(data[:half])
        self.wfile.flush()
        if repository == 'stall':
            time.sleep(3600)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server(('127.0.0.1', int(sys.argv[1])), Handler)
print('ready', flush=True)
server.serve_forever()
