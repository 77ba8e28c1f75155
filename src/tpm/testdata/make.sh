#!/usr/bin/env bash
# Makes the files of this folder with a software TPM: quotes by an RSA and an ECC attestation key under the endorsement key.
# Needs swtpm and tpm2-tools.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
swtpm socket --tpm2 --tpmstate dir="$work" --server type=unixio,path="$work/tpm" --ctrl type=unixio,path="$work/tpm.ctrl" \
  --flags not-need-init,startup-clear &
tpm=$!
trap 'kill $tpm; rm -rf "$work"' EXIT
until [ -S "$work/tpm" ]; do sleep 0.1; done
export TPM2TOOLS_TCTI="swtpm:path=$work/tpm"
cd "$work"
for alg in rsa ecc; do
  tpm2_flushcontext -t
  tpm2_createek -Q -G "$alg" -c ek.ctx -u "$here/$alg-ek.tpm2b_public"
  scheme=rsassa
  [ "$alg" = ecc ] && scheme=ecdsa
  tpm2_createak -Q -C ek.ctx -G "$alg" -g sha256 -s "$scheme" -c "$alg.ctx" -u "$here/$alg-ak.tpm2b_public" -n "$here/$alg-ak.name"
  tpm2_flushcontext -t
  tpm2_readpublic -Q -c "$alg.ctx" -f der -o "$here/$alg-ak.spki"
  tpm2_flushcontext -t
  tpm2_quote -Q -c "$alg.ctx" -l sha256:all -q 6368616c6c656e6765 -m "$here/$alg-quote.msg" -s "$here/$alg-quote.sig" -g sha256
  tpm2_flushcontext -t
done
tpm2_quote -Q -c rsa.ctx -l sha256:0,1,2,3,4,5,6,7,16 -q 6368616c6c656e6765 -m "$here/rsa-few-pcrs.msg" -s "$here/rsa-few-pcrs.sig" -g sha256
tpm2_flushcontext -t
tpm2_pcrread -Q sha256:all -o "$here/pcrs.bin"
tpm2_flushcontext -t
tpm2_createprimary -Q -C o -g sha256 -G rsa2048:rsassa-sha256:null -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' -c free.ctx
tpm2_readpublic -Q -c free.ctx -o "$here/rsa-unrestricted.tpm2b_public"
