"""Put a backup back: into an empty place, or over what is there when a person says so twice.

All of it is made beside the present database (a schema of its own) and takes its place in one transaction at the end:
whatever fails before leaves everything as it was. Documents come first; one more than the database names is harmless.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from arquivo.copias import repor
from comum.formatos import contar
from config.copia import banco, chaves
from config.copia.formato import ARQUIVO, Copia, CopiaErro
from config.copia.terminal import Terminal, tamanho
from config.instalacao import BANCO_EXTERNO, POSTGRES_EMBUTIDO
from operacoes.motor.restauracao import Reteve, reter

# A database in which all of these are empty has nothing of anybody's: a first start leaves only official tables.
_DE_ALGUEM = {
    "empresas_empresa": ("empresa", "empresas"),
    "comum_usuario": ("usuário", "usuários"),
    "arquivo_documento": ("documento", "documentos"),
    "operacoes_operacao": ("operação", "operações"),
}
_FRASE = "apagar os dados atuais"


@dataclass(frozen=True)
class Restaurada:
    """A backup that was put back; `avisos` are pt-BR."""

    feita_em: datetime
    linhas: int
    documentos: int
    repostos: int
    avisos: list[str]
    reteve: Reteve


def restaurar(caminho: Path, terminal: Terminal, *, substituir: bool = False, sem_chaves: bool = False) -> Restaurada:
    """Put a backup back. Raises CopiaErro, with everything as it was before."""
    with Copia(caminho) as copia:
        manifesto = copia.manifesto
        feita_em = datetime.fromisoformat(manifesto["feita_em"])
        _recusar_outra_instalacao(manifesto)
        avisos = chaves.conferir(manifesto, exigir=not sem_chaves)
        esquema = banco.de_hoje()
        _exigir_poder(esquema)
        _recusar_alheios(esquema)
        _recusar_dados(feita_em, terminal, substituir=substituir)
        _recusar_aberto()
        _exigir_espaco(copia)
        with terminal.etapa("Conferindo a cópia", caminho.stat().st_size) as andou:
            copia.conferir(andou)
        with terminal.etapa("Documentos", manifesto["documentos"]["bytes"]) as andou:
            repostos = 0
            for sha256, conteudo in copia.documentos():
                repostos += repor(sha256, conteudo)
                andou(len(conteudo))
        with banco.esquema_provisorio():
            terminal.dizer("Preparando as tabelas como eram…")
            banco.migrar_ate(manifesto["migracoes"])
            alheias = _carregar(copia, terminal)
            terminal.dizer("Trazendo o banco à versão de hoje…")
            banco.migrar_adiante()
            reteve = reter(feita_em)
            _recusar_aberto()
            banco.trocar(esquema)
        call_command("migrate", verbosity=0, interactive=False)  # what follows migrations: permissions, official tables
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    if alheias:
        avisos.append(f"Tabelas que não são do Guichê ficaram de fora: {', '.join(alheias)}.")
    if faltam := manifesto["documentos"]["faltam"]:
        avisos.append(
            f"{contar(len(faltam), 'documento já faltava', 'documentos já faltavam')} quando a cópia foi feita: "
            "./run manage.py verificar_arquivo diz quais."
        )
    return Restaurada(
        feita_em=feita_em,
        linhas=sum(dita["linhas"] for dita in manifesto["banco"]["tabelas"].values()),
        documentos=manifesto["documentos"]["quantos"],
        repostos=repostos,
        avisos=avisos,
        reteve=reteve,
    )


def _carregar(copia: Copia, terminal: Terminal) -> list[str]:
    dito, partes = copia.manifesto["banco"], copia.partes_do_banco()
    with terminal.etapa("Banco de dados", sum(p.tamanho for lista in partes.values() for p in lista)) as andou:

        def parte(tabela: str) -> Iterator[bytes]:
            for membro in partes.get(tabela, []):
                yield copia.ler(membro)
                andou(membro.tamanho)

        return banco.carregar(dito["tabelas"], dito["sequencias"], parte)


# -- refusals -------------------------------------------------------------------------------------------------------


def _recusar_outra_instalacao(manifesto: dict[str, Any]) -> None:
    if manifesto["ambiente"] != settings.AMBIENTE.value:
        raise CopiaErro(
            f"Esta cópia é do ambiente {manifesto['ambiente']}, e GUICHE_AMBIENTE diz {settings.AMBIENTE.value}. Um "
            "banco nunca muda de ambiente: restaure-a numa instalação do mesmo."
        )
    if novas := banco.desconhecidas(manifesto["migracoes"]):
        raise CopiaErro(
            f"Esta cópia é de uma versão mais nova do Guichê ({manifesto['versao']}): faltam aqui as migrações "
            f"{', '.join(novas[:5])}{f' e mais {len(novas) - 5}' if len(novas) > 5 else ''}. Atualize o Guichê e rode "
            "de novo."
        )


def _dados() -> dict[str, int]:
    """What the present database holds of somebody's, in words."""
    ha = banco.tabelas()
    contagens = {}
    with connection.cursor() as cursor:
        for tabela, (um, varios) in _DE_ALGUEM.items():
            if tabela in ha:
                cursor.execute(f'SELECT count(*) FROM "{tabela}"')  # noqa: S608 - a constant
                if quantos := cursor.fetchone()[0]:
                    contagens[contar(quantos, um, varios)] = quantos
    return contagens


def _recusar_dados(feita_em: datetime, terminal: Terminal, *, substituir: bool) -> None:
    dados = _dados()
    if not dados:
        return
    nome = str(connection.settings_dict["NAME"])
    if not substituir:
        raise CopiaErro(
            f"O banco {nome} já tem dados ({', '.join(dados)}). Restaure num lugar vazio (outra pasta em GUICHE_VAR ou "
            "outro banco em DATABASE_URL) ou, se eles podem ser apagados, faça antes uma cópia deles com ./run backup "
            "e rode de novo com --substituir."
        )
    terminal.dizer(
        f"O banco {nome} tem {', '.join(dados)}. Tudo isso será APAGADO e trocado pela cópia de "
        f"{timezone.localtime(feita_em):%d/%m/%Y %H:%M}."
    )
    if not terminal.confirmar(f"Para continuar, digite o nome do banco ({nome}):", nome) or not terminal.confirmar(
        f"Não há volta. Para confirmar, digite: {_FRASE}", _FRASE
    ):
        raise CopiaErro("Não confirmado: nada foi mudado.")


def _exigir_poder(esquema: str) -> None:
    """Whether the exchange at the end is allowed to this database user."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(nspowner, 'USAGE') AND has_database_privilege(current_database(), 'CREATE')"
            " FROM pg_namespace WHERE nspname = %s",
            [esquema],
        )
        (pode,) = cursor.fetchone() or (False,)
    if not pode:
        nome, usuario = esquema or "public", connection.settings_dict["USER"]
        raise CopiaErro(
            f"O usuário {usuario} não pode trocar o esquema {nome} deste banco. Peça a quem cuida do servidor: "
            f'ALTER DATABASE … OWNER TO "{usuario}"; ALTER SCHEMA {nome} OWNER TO "{usuario}".'
        )


def _recusar_alheios(esquema: str) -> None:
    """What is not ours would go with the schema."""
    conhecidas = set(connection.introspection.django_table_names()) | {"django_migrations"}
    alheios = [n for n in banco.tabelas() if n not in conhecidas and not n.startswith("procrastinate_")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE nspname = %s",
            [esquema],
        )
        alheios += [extensao for (extensao,) in cursor.fetchall()]
    if alheios:
        raise CopiaErro(
            f"O esquema {esquema} tem o que não é do Guichê e seria apagado: {', '.join(alheios)}. Mude-o de esquema "
            "e rode de novo."
        )


def _recusar_aberto() -> None:
    """Whoever is connected would go on writing to the database that is going away."""
    for tentativa in range(5):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename IS NOT NULL"
                " AND pid <> pg_backend_pid()"
            )
            (quantas,) = cursor.fetchone()
        if not quantas:
            return
        if tentativa < 4:
            time.sleep(1)  # a process that has just ended
    raise CopiaErro(
        f"O banco está em uso ({contar(quantas, 'conexão', 'conexões')}). Pare o Guichê em todas as máquinas (web, "
        "trabalhador, outros programas) e rode de novo."
    )


def _exigir_espaco(copia: Copia) -> None:
    exigidos = [(Path(POSTGRES_EMBUTIDO), 2 * copia.manifesto["banco"]["bytes"])] if not BANCO_EXTERNO else []
    try:
        pasta = Path(default_storage.path(""))
    except NotImplementedError:  # a bucket
        pass
    else:
        novos = sum(m.tamanho for m in copia.membros(ARQUIVO) if not (pasta / m.nome.removeprefix(ARQUIVO)).exists())
        exigidos.append((pasta, novos))
    por_disco: dict[int, tuple[Path, int]] = {}
    for onde, quanto in exigidos:
        onde = next(p for p in (onde, *onde.parents) if p.exists())
        disco = onde.stat().st_dev
        por_disco[disco] = (onde, por_disco.get(disco, (onde, 0))[1] + quanto)
    for onde, quanto in por_disco.values():
        livre = shutil.disk_usage(onde).free
        if livre < quanto:
            raise CopiaErro(
                f"Restaurar pede {tamanho(quanto)} em {onde}, e há {tamanho(livre)} livres. Libere espaço e rode de "
                "novo."
            )
