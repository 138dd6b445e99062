"""Which URLs mean an object of the artifacts bucket, and which key they mean."""

import pytest

from import_worker.forms.types.file_place import ArtifactsAddress

AWS = ArtifactsAddress("s3://artifacts")
WITH_PREFIX = ArtifactsAddress("s3://artifacts/solstice/prod/")
OWN_SERVER = ArtifactsAddress("s3://artifacts/p", "http://minio.local:9000")
FOLDER = ArtifactsAddress("file:///srv/a%20folder")
QUERY = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0123"


@pytest.mark.parametrize(
    ("address", "url", "key"),
    [
        (AWS, f"https://artifacts.s3.ca-central-1.amazonaws.com/forms/f/a.pdf{QUERY}", "forms/f/a.pdf"),
        (AWS, f"https://s3.ca-central-1.amazonaws.com/artifacts/forms/f/a.pdf{QUERY}", "forms/f/a.pdf"),
        (AWS, "https://artifacts.s3.amazonaws.com/forms/f/a.pdf", "forms/f/a.pdf"),
        (AWS, "https://artifacts.s3-ca-central-1.amazonaws.com/forms/f/a.pdf", "forms/f/a.pdf"),
        (AWS, "https://artifacts.s3.dualstack.ca-central-1.amazonaws.com/a", "a"),
        (AWS, "https://artifacts.s3-accelerate.amazonaws.com:443/a", "a"),
        (AWS, "HTTPS://Artifacts.S3.Amazonaws.com/A", "A"),
        # Decoded once, and nothing else made of it.
        (AWS, "https://artifacts.s3.amazonaws.com/forms/f/%C3%A9%20b+c.pdf", "forms/f/é b+c.pdf"),
        (AWS, "https://artifacts.s3.amazonaws.com/forms/f/%252e%2Fx", "forms/f/%2e/x"),
        (AWS, "https://artifacts.s3.amazonaws.com/forms/f/%2e%2e/g/x", "forms/f/../g/x"),
        (AWS, "https://artifacts.s3.amazonaws.com/forms/f/../x", "forms/f/../x"),
        (AWS, "https://artifacts.s3.amazonaws.com//forms/f/x", "/forms/f/x"),
        (AWS, "https://artifacts.s3.amazonaws.com/FORMS/f/x", "FORMS/f/x"),
        (WITH_PREFIX, "https://artifacts.s3.amazonaws.com/solstice/prod/forms/f/x", "forms/f/x"),
        (WITH_PREFIX, "https://s3.amazonaws.com/artifacts/solstice/prod/forms/f/x", "forms/f/x"),
        (OWN_SERVER, "http://minio.local:9000/artifacts/p/forms/f/x?X=1", "forms/f/x"),
        (OWN_SERVER, "http://artifacts.minio.local:9000/p/forms/f/x", "forms/f/x"),
        (FOLDER, "file:///srv/a%20folder/forms/f/%C3%A9.pdf", "forms/f/é.pdf"),
        (FOLDER, "file://localhost/srv/a%20folder/x", "x"),
    ],
)
def test_a_url_of_the_place_is_a_key(address: ArtifactsAddress, url: str, key: str) -> None:
    assert address.key_of(url) == key


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (AWS, "https://other.s3.amazonaws.com/forms/f/x"),
        (AWS, "https://s3.amazonaws.com/other/forms/f/x"),
        (AWS, "https://s3.amazonaws.com/artifacts"),
        (AWS, "https://s3.amazonaws.com/artifacts2/x"),
        (AWS, "https://s3.amazonaws.com/Artifacts/x"),
        (AWS, "https://artifacts.s3.amazonaws.com.example.org/x"),
        (AWS, "https://artifacts.s3.ca-central-1.example.org/x"),
        (AWS, "https://artifactsXs3.amazonaws.com/x"),
        (AWS, "https://x.artifacts.s3.amazonaws.com/x"),
        (AWS, "https://someone@artifacts.s3.amazonaws.com/x"),
        (AWS, "https://artifacts.s3.amazonaws.com:8443/x"),
        (AWS, "https://artifacts.s3.amazonaws.com:port/x"),
        (AWS, "https://artifacts.s3.amazonaws.com/%ff"),
        (AWS, "https://artifacts.s3.amazonaws.com/a b"),
        (AWS, "https://artifacts.s3.amazonaws.com/a\nb"),
        (AWS, "ftp://artifacts.s3.amazonaws.com/x"),
        (AWS, "s3://artifacts/x"),
        (AWS, "//artifacts.s3.amazonaws.com/x"),
        (AWS, "forms/f/x"),
        (AWS, "https://[artifacts/x"),
        (AWS, "file:///srv/x"),
        (WITH_PREFIX, "https://artifacts.s3.amazonaws.com/forms/f/x"),
        (WITH_PREFIX, "https://artifacts.s3.amazonaws.com/solstice/production/forms/f/x"),
        (OWN_SERVER, "https://artifacts.s3.amazonaws.com/p/forms/f/x"),
        (OWN_SERVER, "http://minio.local/artifacts/p/forms/f/x"),
        (OWN_SERVER, "http://minio.local:9001/artifacts/p/forms/f/x"),
        (OWN_SERVER, "http://minioXlocal:9000/artifacts/p/forms/f/x"),
        (FOLDER, "file:///srv/forms/f/x"),
        (FOLDER, "file:///srv/a%20folder2/x"),
        (FOLDER, "file://elsewhere/srv/a%20folder/x"),
        (FOLDER, "https://artifacts.s3.amazonaws.com/x"),
    ],
)
def test_any_other_url_is_none(address: ArtifactsAddress, url: str) -> None:
    assert address.key_of(url) is None
