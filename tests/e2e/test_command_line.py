"""The command line of kbs: arguments, configuration files, --check-config."""
import re

import pytest

from support import Kbs, config, run


def test_kbs_without_arguments_exits_2():
    done = run("kbs", env={"KBS_CONFIG_FILE": ""})
    assert done.returncode == 2 and done.stdout == ""
    assert "--config-file" in done.stderr
    assert run("kbs", "--no-such-flag").returncode == 2
    assert run("kbs", "--help").returncode == 0
    assert re.fullmatch(r"kbs \d+\.\d+\.\d+\S*\n", run("kbs", "--version").stdout)


def test_check_config_says_what_start_would_say(tmp_path):
    good = tmp_path / "good.toml"
    good.write_text(config())
    done = run("kbs", "--check-config", "--config-file", good, cwd=tmp_path)
    assert done.returncode == 0 and str(good) in done.stdout
    assert list(tmp_path.iterdir()) == [good], "checking opens and creates nothing"

    typo = tmp_path / "typo.toml"
    typo.write_text(config(http="insecure_http = true\npayload_reqest_size = 3"))
    done = run("kbs", "--check-config", "-c", typo)
    assert done.returncode == 0 and "payload_request_size" in done.stdout

    bad = tmp_path / "bad.toml"
    for text, says in ((config(http='insecure_http = "yes"'), "insecure_http"),
                       (config(storage="Memory").replace('"Memory"', '"Clouds"'), "Clouds"),
                       (config(http=""), "private_key"), ("[http_server\n", "bad.toml"),
                       (config(admin='[admin]\nauthorization_mode = "DenyAll"\nauthorisation_mode = "x"'),
                        "authorisation_mode")):
        bad.write_text(text)
        done = run("kbs", "--check-config", "-c", bad)
        assert done.returncode == 1 and says in done.stderr, (done.stderr, says)


@pytest.mark.parametrize("text, says", [
    (config(storage="Memory").replace('"Memory"', '"Postgres"')
     + '[storage_backend.backends.postgres]\nconnection_string = "host=x"\n', "ostgres"),
    (config(storage="Memory").replace('"Memory"', '"Redis"')
     + '[storage_backend.backends.redis]\nurl = "redis://x"\n', "edis"),
    (config(extra='[attestation_service]\ntype = "coco_as_grpc"\nas_addr = "http://127.0.0.1:50004"\n'), "coco_as_grpc"),
])
def test_back_ends_of_later_are_refused_by_name(tmp_path, text, says):
    file = tmp_path / "kbs-config.toml"
    file.write_text(text)
    checked = run("kbs", "--check-config", "-c", file)
    assert checked.returncode == 1 and says in checked.stderr, checked
    status, log = Kbs(tmp_path, text).start(expect_failure=True)
    assert status == 1 and says in log


@pytest.mark.parametrize("extension, text", [
    (".toml", '[http_server]\nsockets = ["127.0.0.1:0"]\ninsecure_http = true\n[attestation_token]\n'
              'insecure_header_jwk = true\n[admin]\nauthorization_mode = "DenyAll"\n'),
    (".yaml", 'http_server:\n  sockets: ["127.0.0.1:0"]\n  insecure_http: true\nattestation_token:\n'
              '  insecure_header_jwk: true\nadmin:\n  authorization_mode: DenyAll\n'),
    (".json", '{"http_server": {"sockets": ["127.0.0.1:0"], "insecure_http": true},'
              ' "attestation_token": {"insecure_header_jwk": true}, "admin": {"authorization_mode": "DenyAll"}}'),
])
def test_the_extension_of_the_configuration_may_be_left_out(tmp_path, extension, text):
    kbs = Kbs(tmp_path, text, name="kbs-config" + extension)
    kbs.config = tmp_path / "kbs-config"
    try:
        kbs.start()
        assert kbs.request("GET", "/healthz").status == 200
        assert "kbs-config" + extension in kbs.log()
    finally:
        kbs.stop()


def test_the_environment_names_the_configuration(tmp_path):
    (tmp_path / "elsewhere.toml").write_text(config())
    done = run("kbs", "--check-config", env={"KBS_CONFIG_FILE": str(tmp_path / "elsewhere.toml")})
    assert done.returncode == 0 and "elsewhere.toml" in done.stdout
    done = run("kbs", "--check-config", env={"KBS_CONFIG_FILE": str(tmp_path / "missing.toml")})
    assert done.returncode == 1 and "missing.toml" in done.stderr
