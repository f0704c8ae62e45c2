# SPDX-License-Identifier: Apache-2.0
"""A monitor that keeps what it is told, and can be as bad as one can be."""
import datetime
from http import server
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization

from baas.tests import ports

SECRET = 'a-secret-of-somebody'


class Monitor(server.ThreadingHTTPServer):
    """Serves on a free port of the loopback.

    :ivar status: what it answers with.
    :ivar told: list of (path, body) of what it was told.
    :ivar hold: as long as this event is not set, it does not answer.
    """
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.status, self.told, self.scheme = 200, [], 'http'
        self.hold = threading.Event()
        self.hold.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        """Its address, with the secret in it."""
        return f'{self.scheme}://127.0.0.1:{self.server_port}/{SECRET}'

    def stop(self):
        """Refuse connections from now on."""
        self.hold.set()
        self.shutdown()
        self.server_close()

    def encrypt(self, folder):
        """Speak TLS with a certificate that nobody has signed."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(
            x509.NameOID.COMMON_NAME, '127.0.0.1')])
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        certificate = x509.CertificateBuilder(
            name, name, key.public_key(), 1, now - day, now + day
        ).sign(key, hashes.SHA256())
        path = folder / 'monitor.pem'
        pem = serialization.Encoding.PEM
        path.write_bytes(certificate.public_bytes(pem) + key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = 'https'

    def handle_error(self, request, client_address):
        """Say nothing: clients go away here."""


class _Handler(server.BaseHTTPRequestHandler):

    def do_POST(self):
        """Keep what is told, and answer."""
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        self.server.told.append((self.path, body))
        self.server.hold.wait(60)
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header('Location', self.server.url)
        self.send_header('Content-Length', '0')
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_given):
        """Say nothing."""


def unused_port():
    """Give a port of the loopback on which nobody listens."""
    return ports.free()
