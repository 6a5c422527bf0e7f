// Validates one object of the Prometheus operator, JSON on standard input, by the operator's definitions.
"use strict";

const definitions = require("@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1");

const object = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const Definition = definitions[object.kind];
if (!Definition) throw new Error(`no definition of ${object.apiVersion} ${object.kind}`);
new Definition(object).validate();
