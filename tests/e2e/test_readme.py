"""The commands of README.md, pasted into a shell one after the other."""
import re
import socket
import subprocess

from support import BIN, ROOT


def by_hand() -> str:
    text = (ROOT / "README.md").read_text()
    section = text.split("## The same by hand")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


def test_the_commands_by_hand_do_what_the_page_says(tmp_path):
    (tmp_path / "build/release").mkdir(parents=True)
    (tmp_path / "build/release/bin").symlink_to(BIN.resolve())
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    commands = by_hand().replace("8080", str(port))
    assert commands.count("trustee") > 5
    marked = "".join(f"{line}\nprintf '\\n@@%s@@\\n' $?\n" for line in commands.splitlines())
    script = f"export KBS_URL=http://127.0.0.1:{port}\ntrap 'kill $server 2>/dev/null' EXIT\n" + marked
    script = script.replace('trustee explain "', f'trustee explain --url http://127.0.0.1:{port} "')
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    outputs = re.split(r"\n@@(\d+)@@\n", done.stdout)
    results = [(line, int(outputs[2 * i + 1]), outputs[2 * i]) for i, line in enumerate(commands.splitlines())]
    failed = [line for line, status, _ in results if status != 0]
    # The refusal is the only command that fails.
    assert failed == ["kbs-client get-resource --path default/kitchen/cake 2>.trustee/refusal"], done.stdout + done.stderr

    def of(start) -> str:
        """What the command of the page printed, the last that begins so."""
        return next(out for line, _, out in reversed(results) if line.startswith(start))

    assert '"contraindicated"' in of("jq ")
    assert [out for line, _, out in results if " raw get-resource" in line] == ["the cake is in the oven"] * 2
    assert "code authz.denied_by_policy, policy-author must act" in of("cat ")
    assert "launch_digest" in of("trustee explain")
    assert "appraisal by policy default_cpu: contraindicated" in of("trustee verify")
