"""First state and reset."""

import secrets
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from sandbox import autoridade
from sandbox.nucleo import ajustes, documentos_teste, simuladores
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Cenario, Contratante, Contribuinte
from sandbox.partida.pasta import gravar_privado

CONTRATANTES_DE_DEMONSTRACAO = (
    ("80000001000175", "ESCRITORIO DEMONSTRACAO UM LTDA"),
    ("80000002000110", "ESCRITORIO DEMONSTRACAO DOIS LTDA"),
)
_SEM_DELETE = (
    "CREATE TRIGGER efeito_sem_delete BEFORE delete ON nucleo_efeito "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
)


def caminho_a1(cnpj: str) -> Path:
    return Path(settings.PASTA.a1) / f"{cnpj}.pfx"


def criar_contratante(cnpj: str, nome: str) -> Contratante:
    """A company with a new key and a new A1 file. The name goes into the certificate."""
    senha = secrets.token_urlsafe(9)
    pfx = autoridade.emitir_a1(autoridade.abrir(settings.PASTA), cnpj=cnpj, nome=nome, senha=senha)
    settings.PASTA.a1.mkdir(mode=0o700, exist_ok=True)
    gravar_privado(caminho_a1(cnpj), pfx)
    with gravacao():
        contratante, _ = Contratante.objects.update_or_create(
            cnpj=cnpj,
            defaults={
                "nome": nome,
                "consumer_key": secrets.token_urlsafe(20),
                "consumer_secret": secrets.token_urlsafe(20),
                "senha_a1": senha,
            },
        )
    return contratante


def semear_documentos() -> None:
    """Put the rules and records of the test documents in place (after a migration or a reset)."""
    Cenario.objects.filter(origem="documento").delete()
    Cenario.objects.bulk_create(
        Cenario(
            origem="documento",
            descricao=documento.titulo,
            **{**documento.regra, "servico": "integra_contador", "contribuinte": documento.cnpj},
        )
        for documento in documentos_teste.DOCUMENTOS
        if documento.regra
    )
    Contribuinte.objects.bulk_create(
        [
            Contribuinte(documento=documento.cnpj, **{"razao_social": "CONTRIBUINTE DE TESTE", **documento.cadastro})
            for documento in documentos_teste.DOCUMENTOS
            if documento.cadastro
        ],
        update_conflicts=True,
        unique_fields=["documento"],
        update_fields=["razao_social", "abertura", "procuracao_padrao", "filiais"],
    )


def _semear_simuladores() -> None:
    for simulador in simuladores.todos():
        simulador.semear()


def preparar() -> None:
    """What a fresh database needs; leaves an existing state as it is."""
    with gravacao():
        if not Cenario.objects.filter(origem="documento").exists():
            semear_documentos()
        _semear_simuladores()
    for cnpj, nome in CONTRATANTES_DE_DEMONSTRACAO:
        if not Contratante.objects.filter(cnpj=cnpj).exists():
            criar_contratante(cnpj, nome)


def _modelos() -> list[type[models.Model]]:
    rotulos = [config.label for config in apps.get_app_configs() if config.name.startswith("sandbox.")]
    return [
        modelo for rotulo in rotulos for modelo in apps.get_app_config(rotulo).get_models() if modelo is not Contratante
    ]


def reiniciar(*, manter_certificados: bool) -> None:
    """Forget everything that happened and was set. With `manter_certificados` the contratantes, their keys and A1
    files stay; otherwise only the two demonstration companies are left, with new keys and files."""
    with gravacao(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS efeito_sem_delete")
        for modelo in _modelos():  # in any order: SQLite checks the references at the end of the transaction
            cursor.execute(f"DELETE FROM {modelo._meta.db_table}")  # noqa: S608 - names of this project's tables
        cursor.execute(_SEM_DELETE)
        ajustes.marcar_reinicio()
        semear_documentos()
        _semear_simuladores()
        if not manter_certificados:
            Contratante.objects.all().delete()
    if not manter_certificados:
        for arquivo in settings.PASTA.a1.glob("*.pfx"):
            arquivo.unlink()
        preparar()
