{{- define "parallax.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* At most 50 characters: suffixes such as -headless must still fit into the 63 of a name. */}}
{{- define "parallax.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "parallax.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "parallax.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "parallax.selector" -}}
app.kubernetes.io/name: {{ include "parallax.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "parallax.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "parallax.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Name, namespace and labels of an object. Takes the context and a suffix. */}}
{{- define "parallax.metadata" -}}
{{- $context := index . 0 -}}
name: {{ include "parallax.fullname" $context }}{{ index . 1 }}
namespace: {{ $context.Release.Namespace }}
labels:
  {{- include "parallax.labels" $context | nindent 2 }}
{{- end }}

{{- define "parallax.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "parallax.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{- required "serviceAccount.name: is required where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "parallax.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "parallax.hasModels" -}}
{{- if or .Values.models.pull .Values.models.persistence.enabled }}true{{ end }}
{{- end }}

{{/* The tables that the chart owns, laid over those of values.config. */}}
{{- define "parallax.config" -}}
{{- $own := dict "server" (dict "listen" "0.0.0.0:50051") -}}
{{- if .Values.tls.enabled -}}
{{- $tls := dict "certificate" "/etc/parallax/tls/tls.crt" "key" "/etc/parallax/tls/tls.key" "client_certificates" .Values.tls.clientCertificates -}}
{{- if ne .Values.tls.clientCertificates "none" -}}
{{- $_ := set $tls "client_ca" (printf "/etc/parallax/client-ca/%s" .Values.tls.clientCa.key) -}}
{{- end -}}
{{- $_ := set $own "tls" $tls -}}
{{- else -}}
{{- $_ := set $own.server "allow_plaintext" .Values.allowPlaintext -}}
{{- end -}}
{{- with .Values.auth.secretName -}}
{{- $_ := set $own "auth" (dict "keys_file" (printf "/etc/parallax/auth/%s" $.Values.auth.key)) -}}
{{- end -}}
{{- if .Values.admin.enabled -}}
{{- $_ := set $own "admin" (dict "listen" (printf "0.0.0.0:%d" (int .Values.admin.port))) -}}
{{- end -}}
{{- if include "parallax.hasModels" . -}}
{{- $_ := set $own "models" (dict "directory" "/var/lib/parallax/models") -}}
{{- end -}}
{{- include "parallax.toml" (mergeOverwrite (deepCopy .Values.config) $own) -}}
{{- end }}

{{/* Tables of scalars and lists of strings as TOML. Not toToml: whole numbers reach templates as floats, which it prints as 30000.0 and
the program refuses. */}}
{{- define "parallax.toml" -}}
{{- range $table, $keys := . }}
[{{ $table }}]
{{- range $key, $value := $keys }}
{{ $key }} = {{ if or (kindIs "string" $value) (kindIs "slice" $value) }}{{ $value | toJson }}{{ else if kindIs "bool" $value }}{{ $value }}{{ else if eq (float64 $value) (floor $value) }}{{ int64 $value }}{{ else }}{{ $value }}{{ end }}
{{- end }}
{{ end }}
{{- end }}

{{/* Seconds from the decision to end a pod until its last accepted call may be answered. */}}
{{- define "parallax.drainSeconds" -}}
{{- $server := .Values.config.server -}}
{{- $milliseconds := add (int64 $server.shutdown_grace_ms) (int64 $server.drain_timeout_ms) -}}
{{- add .Values.preStopSeconds (div (add $milliseconds 999) 1000) -}}
{{- end }}

{{- define "parallax.terminationGrace" -}}
{{- $least := include "parallax.drainSeconds" . | int64 -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds -}}
{{- add $least 5 -}}
{{- else -}}
{{- if lt (int64 .Values.terminationGracePeriodSeconds) $least -}}
{{- fail (printf "terminationGracePeriodSeconds: is at least %d (preStopSeconds + config.server.shutdown_grace_ms + config.server.drain_timeout_ms), got %d" $least (int64 .Values.terminationGracePeriodSeconds)) -}}
{{- end -}}
{{- int64 .Values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end }}
