{{/* Parts of the pod. The user is the image's. */}}
{{- define "parallax.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
# So that the user may read mounted secrets.
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* What server and init containers share. */}}
{{- define "parallax.container" -}}
image: {{ include "parallax.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
resources:
  {{- include "parallax.resources" .Values.resources | nindent 2 }}
{{- end }}

{{- define "parallax.resources" -}}
{{- if ne (toString .requests.cpu) (toString .limits.cpu) -}}
{{- fail (printf "resources.requests.cpu: is what resources.limits.cpu is (%v), got %v: the model takes what the limit allows" .limits.cpu .requests.cpu) -}}
{{- end -}}
{{- toYaml . }}
{{- end }}

{{- define "parallax.hubEnvironment" -}}
{{- with .Values.models.hub }}
{{- if .endpoint }}
- name: HF_ENDPOINT
  value: {{ .endpoint | quote }}
{{- end }}
{{- if .tokenSecretName }}
- name: HF_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .tokenSecretName }}
      key: {{ .tokenKey }}
{{- end }}
{{- end }}
{{- end }}

{{/* Liveness never asks whether the server is ready: a pod that loads, recovers or drains is alive. */}}
{{- define "parallax.probes" -}}
{{- $ready := dict "grpc" (dict "port" 50051) -}}
{{- $live := dict "tcpSocket" (dict "port" "grpc") -}}
{{- if .Values.admin.enabled -}}
{{- $ready = dict "httpGet" (dict "port" "admin" "path" "/readyz") -}}
{{- $live = dict "httpGet" (dict "port" "admin" "path" "/livez") -}}
{{- else if .Values.tls.enabled -}}
{{- fail "admin.enabled: is required where tls.enabled is true (the kubelet cannot ask for health through TLS)" -}}
{{- end -}}
startupProbe:
  {{- toYaml $ready | nindent 2 }}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: {{ .Values.probes.startupSeconds }}
readinessProbe:
  {{- toYaml $ready | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  {{- toYaml $live | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{- define "parallax.mounts" -}}
- name: config
  mountPath: /etc/parallax/config
  readOnly: true
{{- if .Values.tls.enabled }}
- name: tls
  mountPath: /etc/parallax/tls
  readOnly: true
{{- if ne .Values.tls.clientCertificates "none" }}
- name: client-ca
  mountPath: /etc/parallax/client-ca
  readOnly: true
{{- end }}
{{- end }}
{{- if .Values.auth.secretName }}
- name: auth
  mountPath: /etc/parallax/auth
  readOnly: true
{{- end }}
{{- if include "parallax.hasModels" . }}
- name: models
  mountPath: /var/lib/parallax/models
  readOnly: true
{{- end }}
{{- end }}

{{- define "parallax.secretVolume" -}}
name: {{ .name }}
secret:
  secretName: {{ .secretName }}
  defaultMode: 0440
  items:
    {{- range .keys }}
    - key: {{ . | quote }}
      path: {{ . | quote }}
    {{- end }}
{{- end }}

{{- define "parallax.volumes" -}}
{{- $tls := .Values.tls -}}
- name: config
  configMap:
    name: {{ include "parallax.fullname" . }}
{{- if $tls.enabled }}
{{- $secret := required "tls.secretName: is required where tls.enabled is true" $tls.secretName }}
- {{ include "parallax.secretVolume" (dict "name" "tls" "secretName" $secret "keys" (list "tls.crt" "tls.key")) | nindent 2 | trim }}
{{- if ne $tls.clientCertificates "none" }}
- {{ include "parallax.secretVolume" (dict "name" "client-ca" "secretName" (default $secret $tls.clientCa.secretName) "keys" (list $tls.clientCa.key)) | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- with .Values.auth.secretName }}
- {{ include "parallax.secretVolume" (dict "name" "auth" "secretName" . "keys" (list $.Values.auth.key)) | nindent 2 | trim }}
{{- end }}
{{- if include "parallax.hasModels" . }}
- name: models
  {{- if .Values.models.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ default (printf "%s-models" (include "parallax.fullname" .)) .Values.models.persistence.existingClaim }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.models.emptyDirSizeLimit }}
  {{- end }}
{{- end }}
{{- end }}
