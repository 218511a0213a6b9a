"""Which keys a backup will ask for. A key is named by its id and a fingerprint, from which nobody gets back to it."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

from comum.management.commands.cofre_girar import SELADOS
from config.copia.formato import CopiaErro

# The id of the key stands in the head of a sealed blob (comum/cofre.py).
_USADAS = """
SELECT convert_from(substr({coluna}, 3, get_byte({coluna}, 1)), 'UTF8'), count(*) FROM {tabela}
 WHERE length({coluna}) > 2 GROUP BY 1
"""


def impressao(chave: str, sal: str) -> str:
    """Slow on purpose, and cut short: a SECRET_KEY may be something a person thought of."""
    return hashlib.scrypt(chave.encode(), salt=sal.encode(), n=2**14, r=8, p=1, dklen=8).hex()


def _configuradas() -> dict[str, str]:
    """Keys of COFRE_CHAVES by their id, as they are written."""
    partes = (parte.strip().partition(":") for parte in settings.COFRE_CHAVES.split(",") if parte.strip())
    return {nome: codigo for nome, _, codigo in partes}


def usadas() -> dict[str, int]:
    """Ids of the keys that seal something in the database, with how many secrets each."""
    quantos: dict[str, int] = {}
    for rotulo, campos in SELADOS:
        modelo = apps.get_model(rotulo)
        for campo in campos:
            nomes = {
                "tabela": sql.Identifier(modelo._meta.db_table),
                "coluna": sql.Identifier(str(modelo._meta.get_field(campo).column)),  # type: ignore[union-attr]
            }
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL(_USADAS).format(**nomes))
                for nome, n in cursor.fetchall():
                    quantos[nome] = quantos.get(nome, 0) + n
    return quantos


@dataclass(frozen=True)
class Pedidas:
    """The keys that a backup needs. `cofre`: id -> fingerprint, empty where the key was not at hand."""

    cofre: dict[str, str]
    secret_key: str

    def em_palavras(self) -> list[str]:
        linhas = [
            f"COFRE_CHAVES: a chave {nome} (impressão {marca or 'desconhecida: ela não está configurada aqui'})"
            for nome, marca in sorted(self.cofre.items())
        ]
        return [
            *(linhas or ["COFRE_CHAVES: nenhum segredo guardado ainda"]),
            f"SECRET_KEY: impressão {self.secret_key}",
        ]


def pedidas(sal: str) -> Pedidas:
    configuradas = _configuradas()
    cofre = {nome: impressao(configuradas[nome], sal) if nome in configuradas else "" for nome in usadas()}
    return Pedidas(cofre, impressao(settings.SECRET_KEY, sal))


def conferir(manifesto: dict[str, Any], *, exigir: bool) -> list[str]:
    """Compare the keys of this installation with those that the backup asks for; returns the warnings, in pt-BR.

    Raises CopiaErro where secrets could not be opened; without `exigir` that is a warning too.
    """
    ditas, sal = manifesto["chaves"], manifesto["chaves"]["sal"]
    configuradas = _configuradas()
    faltas = []
    for nome, marca in sorted(ditas["cofre"].items()):
        if nome not in configuradas:
            faltas.append(f"falta a chave {nome} (impressão {marca or 'desconhecida'})")
        elif marca and impressao(configuradas[nome], sal) != marca:
            faltas.append(
                f"a chave {nome} daqui é outra (impressão {impressao(configuradas[nome], sal)}; a cópia pede {marca})"
            )
    if faltas and exigir:
        raise CopiaErro(
            f"COFRE_CHAVES não abre os segredos desta cópia: {'; '.join(faltas)}. Ponha no .env a chave que guardou à "
            "parte e rode de novo. Se ela se perdeu, --sem-chaves restaura o resto: os certificados, secrets e senhas "
            "terão de ser cadastrados de novo."
        )
    avisos = [f"COFRE_CHAVES: {falta}. Os segredos selados com ela não abrirão." for falta in faltas]
    if impressao(settings.SECRET_KEY, sal) != ditas["secret_key"]:
        avisos.append(
            f"SECRET_KEY é outra (a cópia pede a de impressão {ditas['secret_key']}): os links de guias já enviados a "
            "clientes deixam de abrir."
        )
    return avisos
