"""Renders the chart with every set of values in parallax/ci, validates what comes out, and shows that bad values are
refused. `check.py`, called by `make check-chart`, which puts helm, checkov and the schemas where this finds them.

Of every rendering: schemas of the oldest and the newest Kubernetes (strict: unknown fields are errors), the definition of
the Prometheus operator, the policies of checkov, and what no schema knows: that the parts of the chart fit each other and
the program's configuration.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import kubernetes_validate
import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CHART = HERE / "parallax"
OPERATOR = "monitoring.coreos.com/"
# The oldest that Chart.yaml takes, and the newest that there are schemas for.
VERSIONS = ("1.27", "1.37")
USER = 65532


def helm(*arguments, check=True):
    return subprocess.run(["helm", *map(str, arguments)], check=check, capture_output=True, text=True)


def render(version, values):
    done = helm("template", "release", CHART, "--namespace", "news", "--kube-version", version, "--values", values)
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def check_schemas(version, documents):
    for document in documents:
        if document["apiVersion"].startswith(OPERATOR):
            subprocess.run(["node", HERE / "check-operator.cjs"], input=json.dumps(document), check=True, text=True)
        else:
            kubernetes_validate.validate(document, version, strict=True)


def check_configuration(documents, defaults):
    """Every key that the chart writes is one of config/default.toml, of the same type; returns the tables."""
    text = next(document for document in documents if document["kind"] == "ConfigMap")["data"]["parallax.toml"]
    tables = tomllib.loads(text)
    for table, keys in tables.items():
        for key, value in keys.items():
            known = defaults.get(table, {}).get(key)
            assert known is not None, f"config/default.toml has no {table}.{key}"
            assert type(value) is type(known), f"{table}.{key}: {value!r} is no {type(known).__name__}"
    return tables


def check_container(container, volumes):
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"] and context["runAsNonRoot"] and not context["allowPrivilegeEscalation"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    resources = container["resources"]
    assert resources["requests"]["cpu"] == resources["limits"]["cpu"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted <= set(volumes), f"{mounted - set(volumes)} are no volumes"
    return mounted


def check_files(tables, container):
    """Files that the configuration names lie in what is mounted."""
    mounts = [mount["mountPath"] + "/" for mount in container["volumeMounts"]]
    named = [tables.get("tls", {}).get(key) for key in ("certificate", "key", "client_ca")]
    named.append(tables.get("auth", {}).get("keys_file"))
    for file in filter(None, named):
        assert any(file.startswith(mount) for mount in mounts), f"{file} is not mounted"


def check_pod(pod, tables):
    server = tables["server"]
    [container] = pod["containers"]
    security = pod["securityContext"]
    assert security["runAsNonRoot"] and security["runAsUser"] == USER
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    volumes = [volume["name"] for volume in pod["volumes"]]
    mounted = check_container(container, volumes)
    for other in pod.get("initContainers", []):
        mounted |= check_container(other, volumes)
    assert mounted == set(volumes), f"{set(volumes) - mounted} are not mounted"
    check_files(tables, container)

    stop = container.get("lifecycle", {}).get("preStop", {"exec": {"command": ["sleep", "0"]}})["exec"]["command"]
    assert stop[0] == "sleep"
    needed = int(stop[1]) + (server["shutdown_grace_ms"] + server["drain_timeout_ms"]) / 1000
    assert pod["terminationGracePeriodSeconds"] >= needed, f"the drain takes {needed} s"

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert server["listen"].endswith(f":{ports['grpc']}")
    assert tables.get("admin", {"listen": ""})["listen"] == (f"0.0.0.0:{ports['admin']}" if "admin" in ports else "")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        [port] = [how["port"] for how in container[probe].values() if isinstance(how, dict)]
        assert port in ports or port in ports.values(), f"{probe} asks port {port}"
    assert container["livenessProbe"] != container["readinessProbe"]
    return ports


def selects(selector, labels):
    return selector.items() <= labels.items()


def check_together(documents, defaults):
    """What no schema knows: that selectors, ports, names and times fit each other."""
    tables = check_configuration(documents, defaults)
    of = {}
    for document in documents:
        of.setdefault(document["kind"], []).append(document)
        assert document["metadata"]["namespace"] == "news"
    [deployment] = of["Deployment"]
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    ports = check_pod(template["spec"], tables)
    assert selects(deployment["spec"]["selector"]["matchLabels"], labels)
    for service in of["Service"]:
        assert selects(service["spec"]["selector"], labels)
        assert all(port["targetPort"] in ports for port in service["spec"]["ports"])
    for budget in of.get("PodDisruptionBudget", []):
        assert selects(budget["spec"]["selector"]["matchLabels"], labels)
    for policy in of.get("NetworkPolicy", []):
        assert selects(policy["spec"]["podSelector"]["matchLabels"], labels)
        opened = {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
        assert opened == set(ports), f"open are {opened}, served are {set(ports)}"
    for scaler in of.get("HorizontalPodAutoscaler", []):
        assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
        assert "replicas" not in deployment["spec"], "an upgrade would undo the scaling"
        assert scaler["spec"]["metrics"][-1]["resource"]["name"] == "cpu"
    for monitor in of.get("ServiceMonitor", []):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        [service] = [service for service in of["Service"] if selects(wanted, service["metadata"]["labels"])]
        assert service["spec"]["ports"][0]["name"] == monitor["spec"]["endpoints"][0]["port"]
    return template["metadata"]["annotations"]["checksum/config"]


def check_policies(folder):
    command = [sys.executable, "-m", "checkov.main", "--config-file", HERE / "checkov.yaml", "--directory", folder]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"LOG_LEVEL": "ERROR"})
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return next(line for line in done.stdout.splitlines() if line.startswith("Passed checks"))


def check_refused(folder):
    """Values that must not render, with the reason that is given for it."""
    cases = yaml.safe_load((HERE / "refused.yaml").read_text())
    for case in cases:
        values = folder / "refused.yaml"
        values.write_text(yaml.safe_dump(case["values"]))
        done = helm("template", "release", CHART, "--kube-version", VERSIONS[0], "--values", values, check=False)
        assert done.returncode and case["reason"] in done.stderr, f"{case}: {done.stderr or 'was rendered'}"
    return len(cases)


def main():
    defaults = tomllib.loads((ROOT / "config" / "default.toml").read_text())
    checksums = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        sets = [CHART / "values.yaml", *sorted((CHART / "ci").glob("*.yaml"))]
        for values in sets:
            helm("lint", "--strict", CHART, "--values", values)
            for version in VERSIONS:
                documents = render(version, values)
                check_schemas(version, documents)
                checksums[values.stem] = check_together(documents, defaults)
            (scratch / f"{values.stem}.yaml").write_text(yaml.safe_dump_all(documents))
            print(f"{values.stem}: {len(documents)} objects are valid in Kubernetes {' and '.join(VERSIONS)}")
        assert len(set(checksums.values())) > 1, "another configuration must make other pods"
        print(check_policies(scratch))
        print(f"{check_refused(scratch)} sets of bad values are refused")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{error.cmd}\n{error.stdout}{error.stderr}") from error
