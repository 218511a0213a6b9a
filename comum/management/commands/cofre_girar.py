"""Re-wraps every sealed column with the current key of COFRE_CHAVES, while the product runs."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from comum import segredos
from comum.auditoria import registrar
from comum.cofre import CofreErro

# (model, sealed fields). The label is resolved late: comum knows no app above it.
SELADOS = (
    ("credentials.CertificadoA1", ("pfx", "senha")),
    ("credentials.Credencial", ("consumer_key", "consumer_secret")),
    ("nfse.ContaSofthouse", ("token",)),
    ("nfse.CanalNfse", ("senha", "chave_aplicacao", "token")),
    ("pagar.ContaErp", ("senha", "token")),
)


class Command(BaseCommand):
    help = (
        "Regrava os segredos com a chave atual (a primeira de COFRE_CHAVES). Ponha a chave nova na frente da antiga, "
        "reinicie, rode este comando e só então tire a antiga. Pode ser interrompido e rodado de novo."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lote", type=int, default=200, help="linhas por transação (padrão: 200)")

    def handle(self, *args: Any, **opcoes: Any) -> None:
        atual = segredos.chaveiro().atual
        giradas = 0
        for rotulo, campos in SELADOS:
            modelo = apps.get_model(rotulo)
            giradas += girar(modelo, campos, opcoes["lote"])
        registrar(usuario=None, acao="cofre.girar", resumo=f"{giradas} registros regravados com a chave {atual}")
        self.stdout.write(f"{giradas} registros regravados com a chave {atual}. Os demais já estavam com ela.")


def girar(modelo: type[models.Model], campos: tuple[str, ...], lote: int) -> int:
    """Re-wrap the rows of one model, a batch per short transaction, locked row by row. Returns how many changed."""
    giradas, ultima = 0, None
    while True:
        with transaction.atomic():
            consulta = modelo._default_manager.select_for_update().order_by("pk")
            if ultima is not None:
                consulta = consulta.filter(pk__gt=ultima)
            linhas = list(consulta[:lote])
            if not linhas:
                return giradas
            for linha in linhas:
                try:
                    mudados = [campo for campo in campos if segredos.regravar(linha, campo)]
                except CofreErro as erro:
                    raise CommandError(
                        f"{modelo._meta.verbose_name} {linha.pk}: o segredo não abre ({erro}). As anteriores já foram "
                        "regravadas; devolva a chave que falta a COFRE_CHAVES e rode de novo."
                    ) from erro
                if mudados:
                    modelo._default_manager.filter(pk=linha.pk).update(**{c: getattr(linha, c) for c in mudados})
                    giradas += 1
            ultima = linhas[-1].pk
