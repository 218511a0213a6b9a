"""The CSV of empresas: every line checked in one pass, then compared and merged by set-based SQL."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from comum.documentos import Invalido, cnae, documento, mascarar
from comum.formatos import format_data, normalizar, parse_sim_nao
from comum.models import Usuario
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from empresas import campos, services
from empresas.importacao.base import (
    AMOSTRA,
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    Recusa,
    copiar,
    recusa_de,
)
from empresas.models import Carteira, Cnae, Empresa, Regime
from empresas.models.cadastro import sem_pontuacao
from empresas.municipios import Municipios
from empresas.sinais import CAMPOS_FISCAIS, cadastro_mudou

COLUNAS = (
    Coluna("codigo", "código", sinonimos=("cod", "código da empresa", "código erp")),
    Coluna("documento", "CNPJ ou CPF", True, DE_DOCUMENTO),
    Coluna("razao_social", "razão social", True, ("razão", "nome", "nome empresarial")),
    Coluna("nome_fantasia", "nome fantasia", sinonimos=("fantasia",)),
    Coluna("regime", "regime", True, ("regime tributário", "regime de tributação", "tributação")),
    Coluna("regime_desde", "regime desde", sinonimos=("regime a partir de",)),
    Coluna("uf", "UF", sinonimos=("estado",)),
    Coluna("municipio", "município", sinonimos=("cidade", "ibge", "código ibge", "município ibge")),
    Coluna("inscricao_municipal", "inscrição municipal", sinonimos=("im", "ccm")),
    Coluna("cnae", "CNAE", sinonimos=("cnae principal",)),
    Coluna("email_fiscal", "e-mail", sinonimos=("e-mail fiscal",)),
    Coluna("carteira", "carteira", sinonimos=("grupo",)),
    Coluna("inicio_atividade", "início de atividade", sinonimos=("abertura", "data de abertura")),
    Coluna("ativa", "ativa", sinonimos=("ativo", "situação")),
)
ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}

_CAMPOS_LIDOS = (
    "linha",
    "documento",
    "codigo",
    "razao_social",
    "nome_fantasia",
    "regime",
    "regime_desde",
    "municipio_id",
    "inscricao_municipal",
    "cnae_id",
    "email_fiscal",
    "carteira_id",
    "inicio_atividade",
    "ativa",
    "ordem",
    "busca_razao",
    "busca_fantasia",
    "lugar",
)
# What the file may change in a stored empresa; a blank cell (NULL) leaves the stored value.
_ALTERAVEIS = {
    "codigo": "codigo",
    "razao_social": "razao_social",
    "nome_fantasia": "nome_fantasia",
    "municipio_id": "municipio",
    "inscricao_municipal": "inscricao_municipal",
    "cnae_id": "cnae",
    "email_fiscal": "email_fiscal",
    "carteira_id": "carteira",
    "inicio_atividade": "inicio_atividade",
    "ativa": "ativa",
}

_CRIAR_LINHA = """
DROP TABLE IF EXISTS importacao_plano, importacao_linha;
CREATE TEMPORARY TABLE importacao_linha (
    linha integer, documento varchar, codigo varchar, razao_social varchar, nome_fantasia varchar, regime varchar,
    regime_desde date, municipio_id varchar, inscricao_municipal varchar, cnae_id varchar, email_fiscal varchar,
    carteira_id bigint, inicio_atividade date, ativa boolean, ordem text, busca_razao text, busca_fantasia text,
    lugar text
) ON COMMIT DROP
"""

_DIFERE = " OR ".join(f"(l.{campo} IS NOT NULL AND l.{campo} IS DISTINCT FROM e.{campo})" for campo in _ALTERAVEIS)
_CRIAR_PLANO = """
CREATE TEMPORARY TABLE importacao_plano ON COMMIT DROP AS
SELECT l.*, e.id AS empresa_id, coalesce(l.regime_desde, %(mes)s) AS desde, v.regime AS regime_antes,
       e.id IS NOT NULL AND l.regime IS DISTINCT FROM v.regime AS mudou_regime,
       e.id IS NOT NULL AND (<difere>) AS mudou_cadastro
  FROM importacao_linha l
  LEFT JOIN empresas_empresa e ON e.documento = l.documento
  LEFT JOIN LATERAL (SELECT r.regime FROM empresas_regimeempresa r
                      WHERE r.empresa_id = e.id AND r.desde <= coalesce(l.regime_desde, %(mes)s)
                      ORDER BY r.desde DESC LIMIT 1) v ON e.id IS NOT NULL
""".replace("<difere>", _DIFERE)

# One character a line: what would become of it. The digest of all of them is what the user approves.
_CLASSES = """
SELECT count(*) FILTER (WHERE empresa_id IS NULL),
       count(*) FILTER (WHERE mudou_cadastro OR mudou_regime),
       count(*) FILTER (WHERE empresa_id IS NOT NULL AND NOT (mudou_cadastro OR mudou_regime)),
       md5(coalesce(string_agg(CASE WHEN empresa_id IS NULL THEN 'n' WHEN mudou_cadastro AND mudou_regime THEN 'd'
           WHEN mudou_cadastro THEN 'c' WHEN mudou_regime THEN 'r' ELSE 'i' END || linha, ',' ORDER BY linha), ''))
  FROM importacao_plano
"""

_INSERIR = """
WITH novas AS (
    INSERT INTO empresas_empresa (codigo, documento, razao_social, nome_fantasia, regime, municipio_id,
           inscricao_municipal, cnae_id, email_fiscal, carteira_id, inicio_atividade, ativa, criada_em, alterada_em,
           ordem, lugar, busca)
    SELECT coalesce(codigo, ''), documento, razao_social, coalesce(nome_fantasia, ''), regime, municipio_id,
           coalesce(inscricao_municipal, ''), cnae_id, coalesce(email_fiscal, ''), coalesce(carteira_id, %(carteira)s),
           inicio_atividade, coalesce(ativa, true), now(), now(), coalesce(left(ordem, 150), ''), coalesce(lugar, ''),
           translate(lower(coalesce(codigo, '')), './-', '') || ' ' || lower(documento) || ' '
               || coalesce(busca_razao, '')
               || CASE WHEN nome_fantasia <> '' THEN ' ' || coalesce(busca_fantasia, '') ELSE '' END
      FROM importacao_plano WHERE empresa_id IS NULL ORDER BY linha
    RETURNING id, documento
)
INSERT INTO empresas_regimeempresa (empresa_id, regime, desde)
SELECT n.id, p.regime, coalesce(p.regime_desde, %(desde)s) FROM novas n JOIN importacao_plano p USING (documento)
"""

_ATRIBUIR = ", ".join(f"{campo} = coalesce(p.{campo}, e.{campo})" for campo in _ALTERAVEIS)
_ALTERAR = """
UPDATE empresas_empresa e SET <atribuir>,
       ordem = coalesce(left(p.ordem, 150), ''),
       lugar = CASE WHEN p.municipio_id IS NULL THEN e.lugar ELSE p.lugar END,
       busca = translate(lower(coalesce(p.codigo, e.codigo)), './-', '') || ' ' || lower(e.documento) || ' '
               || coalesce(p.busca_razao, '') || CASE WHEN coalesce(p.nome_fantasia, e.nome_fantasia) <> ''
                                                 THEN ' ' || coalesce(p.busca_fantasia, '') ELSE '' END,
       alterada_em = now()
  FROM importacao_plano p
 WHERE e.id = p.empresa_id AND (p.mudou_cadastro OR p.mudou_regime)
""".replace("<atribuir>", _ATRIBUIR)

_REGIMES = """
INSERT INTO empresas_regimeempresa (empresa_id, regime, desde)
SELECT empresa_id, regime, desde FROM importacao_plano WHERE mudou_regime
ON CONFLICT (empresa_id, desde) DO UPDATE SET regime = excluded.regime
"""

# By the number alone, as services.matriz_proposta(), when either of the two comes new in this file: between empresas
# that were there, what a person linked or cleared stays. Who does not administer links inside their own carteiras.
# It starts from the new ones and joins by indexed columns alone: the database knows nothing yet of what this very
# transaction inserted, and any wider condition had it compare every line with every other.
_LIGAR_FILIAIS = """
WITH novas AS MATERIALIZED (
    SELECT documento, substr(documento, 9, 4) = '0001' AS matriz FROM importacao_plano
     WHERE empresa_id IS NULL AND documento ~ '^[0-9]{14}$'
), pares AS MATERIALIZED (
    SELECT f.id AS filial, m.id AS matriz FROM novas n
      JOIN empresas_empresa f ON f.documento = n.documento
      JOIN empresas_empresa m ON m.raiz = f.raiz AND m.documento LIKE '________0001__'
     WHERE NOT n.matriz
    UNION
    SELECT f.id, m.id FROM novas n
      JOIN empresas_empresa m ON m.documento = n.documento
      JOIN empresas_empresa f ON f.raiz = m.raiz AND f.documento ~ '^[0-9]{14}$' AND substr(f.documento, 9, 4) <> '0001'
     WHERE n.matriz
)
UPDATE empresas_empresa f SET matriz_id = m.id, alterada_em = now()
  FROM pares p JOIN empresas_empresa m ON m.id = p.matriz
 WHERE f.id = p.filial AND f.matriz_id IS NULL AND m.matriz_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM empresas_empresa x WHERE x.matriz_id = f.id)
   AND (%(minhas)s::bigint[] IS NULL OR f.carteira_id = ANY(%(minhas)s) AND m.carteira_id = ANY(%(minhas)s))
RETURNING f.id
"""

# Read before the merge: what it changes of sinais.CAMPOS_FISCAIS.
_MUDAM_O_FISCAL = """
SELECT e.id FROM importacao_plano p JOIN empresas_empresa e ON e.id = p.empresa_id
 WHERE p.mudou_regime OR (p.ativa IS NOT NULL AND p.ativa <> e.ativa)
    OR (p.inicio_atividade IS NOT NULL AND p.inicio_atividade IS DISTINCT FROM e.inicio_atividade)
    OR (p.municipio_id IS NOT NULL AND p.municipio_id IS DISTINCT FROM e.municipio_id)
"""


class _Repetida(dict[str, str | Invalido]):
    """A column whose texts repeat along the file (regime, carteira, CNAE): each text is judged once."""

    def __init__(self, ler: Callable[[str], str | Invalido], em_branco: str | Invalido = "") -> None:
        super().__init__({"": em_branco})
        self._ler = ler

    def __missing__(self, texto: str) -> str | Invalido:
        lido = self[texto] = self._ler(texto)
        return lido


_COLUNAS_LIDAS = (
    "documento",
    "codigo",
    "razao_social",
    "nome_fantasia",
    "regime",
    "regime_desde",
    "municipio",
    "inscricao_municipal",
    "cnae",
    "email_fiscal",
    "carteira",
    "inicio_atividade",
    "ativa",
)
_SO_TEXTO = {str}


class _Leitor:
    """Checks one line at a time and makes it ready for copiar(). A hundred thousand pass here: no call without need."""

    def __init__(self, usuario: Usuario, criar_carteiras: bool) -> None:
        self.recusas: list[Recusa] = []
        self.prontas: list[str] = []
        self.carteiras_novas: dict[str, int] = {}  # name -> number that stands for it until it is created
        self._usuario = usuario
        self._criar_carteiras = criar_carteiras and usuario.administra
        minhas = Carteira.objects.all() if usuario.administra else usuario.carteiras.all()
        self._carteiras = {normalizar(nome): pk for pk, nome in minhas.values_list("pk", "nome")}
        self._municipios = Municipios()
        self._tabela_cnae = frozenset(Cnae.objects.values_list("pk", flat=True))
        self._email = campos.Emails().ler
        self._hoje = timezone.localdate()
        self._documentos: dict[str, int] = {}
        self._codigos: dict[str, int] = {}
        self._regime_de = _Repetida(campos.ler_regime, campos.falta(ROTULOS["regime"]))
        self._desde_de = _Repetida(_data)
        self._cnae_de = _Repetida(self._cnae)
        self._carteira_de = _Repetida(self._carteira)
        self._inicio_de = _Repetida(self._inicio)
        self._ativa_de = _Repetida(_ativa)

    def linha(self, lida: Linha) -> None:
        numero, valores = lida
        de = valores.get
        doc = documento(valores["documento"])
        razao = campos.ler_nome(texto, "Razão social") if (texto := valores["razao_social"]) else _SEM_RAZAO
        regime = self._regime_de[valores["regime"]]
        codigo = campos.ler_codigo(texto) if (texto := de("codigo", "")) else ""
        fantasia = campos.ler_nome(texto, "Nome fantasia") if (texto := de("nome_fantasia", "")) else ""
        municipio = self._municipios.achar(texto, de("uf", "")) if (texto := de("municipio", "")) else ""
        inscricao = campos.ler_inscricao_municipal(texto) if (texto := de("inscricao_municipal", "")) else ""
        cnae_lido = self._cnae_de[de("cnae", "")]
        email = self._email(texto) if (texto := de("email_fiscal", "")) else ""
        carteira = self._carteira_de[de("carteira", "")]
        desde = self._desde_de[de("regime_desde", "")]
        inicio = self._inicio_de[de("inicio_atividade", "")]
        ativa = self._ativa_de[de("ativa", "")]
        lidas: tuple[str | Invalido, ...] = (
            doc,
            codigo,
            razao,
            fantasia,
            regime,
            desde,
            municipio,
            inscricao,
            cnae_lido,
            email,
            carteira,
            inicio,
            ativa,
        )
        ruins = len(self.recusas)
        if set(map(type, lidas)) != _SO_TEXTO:
            self._recusar_celulas(numero, valores, lidas)
        self._conferir_entre_linhas(numero, valores, doc, codigo, regime)
        if not municipio and (uf := de("uf", "")) and not self._municipios.uf_valida(uf):
            self._recusar(numero, "uf", uf, f"UF {uf[:20]} não existe. Use a sigla do estado, como SP.")
        if len(self.recusas) > ruins or not isinstance(razao, str) or not isinstance(fantasia, str):
            return
        ordem = normalizar(razao)
        self.prontas.append(
            f"{numero}\t{doc}\t{codigo}\t{razao}\t{fantasia}\t{regime}\t{desde}\t{municipio}\t{inscricao}\t{cnae_lido}\t"
            f"{email}\t{carteira}\t{inicio}\t{ativa}\t{ordem}\t{sem_pontuacao(razao) if _PONTUADO(razao) else ordem}\t"
            f"{sem_pontuacao(fantasia)}\t{self._municipios.lugar(municipio) if isinstance(municipio, str) else ''}\n"
        )

    def _recusar(self, numero: int, coluna: str, valor: str, motivo: str) -> None:
        self.recusas.append(Recusa(numero, ROTULOS[coluna], valor[:200], motivo))

    def _recusar_celulas(self, numero: int, valores: dict[str, str], lidas: tuple[str | Invalido, ...]) -> None:
        for coluna, lida in zip(_COLUNAS_LIDAS, lidas, strict=True):
            if isinstance(lida, Invalido):
                valor = valores[coluna]
                onde = coluna
                if coluna == "municipio" and (uf := valores.get("uf")):
                    onde, valor = (coluna, f"{valor}/{uf}") if self._municipios.uf_valida(uf) else ("uf", uf)
                self._recusar(numero, onde, valor, lida.mensagem)

    def _conferir_entre_linhas(
        self,
        numero: int,
        valores: dict[str, str],
        doc: str | Invalido,
        codigo: str | Invalido,
        regime: str | Invalido,
    ) -> None:
        """Document and code appear once in the file; the first line keeps them even when it is refused."""
        mesma = numero  # the line of the same empresa, whose code is no other's
        if isinstance(doc, str):
            if (mesma := self._documentos.setdefault(doc, numero)) != numero:
                motivo = f"Repetido: já está na linha {mesma}. Corrija o número ou deixe só uma das linhas."
                self._recusar(numero, "documento", valores["documento"], motivo)
            if isinstance(regime, str) and (proibido := campos.regime_do_documento(doc, regime)):
                self._recusar(numero, "regime", valores["regime"], proibido.mensagem)
        if codigo and isinstance(codigo, str):
            primeira = self._codigos.setdefault(codigo, numero)
            if primeira not in (numero, mesma):
                motivo = f"Código repetido: já está na linha {primeira}. Cada empresa tem o seu; corrija um dos dois."
                self._recusar(numero, "codigo", codigo, motivo)

    def _cnae(self, texto: str) -> str | Invalido:
        codigo = cnae(texto)
        if isinstance(codigo, str) and codigo not in self._tabela_cnae:
            return campos.CNAE_INEXISTENTE
        return codigo

    def _inicio(self, texto: str) -> str | Invalido:
        data = campos.ler_data(texto, "Início de atividade", ate=self._hoje)
        return data.isoformat() if isinstance(data, date) else data

    def _carteira(self, texto: str) -> str | Invalido:
        nome = " ".join(texto.split())
        chave = normalizar(nome)
        pk = self._carteiras.get(chave)
        if pk is None and self._criar_carteiras and 0 < len(nome) <= 60 and nome.isprintable():
            pk = self._carteiras[chave] = self.carteiras_novas[nome] = -1 - len(self.carteiras_novas)
        return str(pk) if pk is not None else campos.carteira_desconhecida(nome, self._usuario)


_PONTUADO = re.compile(r"[./-]").search
_SEM_RAZAO = campos.falta(ROTULOS["razao_social"])


def _data(texto: str) -> str | Invalido:
    data = campos.ler_data(texto, "Regime desde")
    return data.isoformat() if isinstance(data, date) else data


def _ativa(texto: str) -> str | Invalido:
    ativa = parse_sim_nao(texto)
    return ativa if isinstance(ativa, Invalido) else "t" if ativa else "f"


class ImportadorDeEmpresas(Importador):
    """Upsert by document; blank optional cells leave what is stored.

    Without "regime desde" a new empresa has its regime from services.desde_padrao(), and a changed regime counts from
    the first day of the current month.

    parametros: {"criar_carteiras": bool}, for an Administrador: carteiras that do not exist are created.
    """

    tipo = "empresas"
    titulo = "Importar empresas"
    singular = "empresa"
    plural = "empresas"
    colunas = COLUNAS
    url_nova = "empresas:importar"
    url_lista = "empresas:lista"

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._hoje = timezone.localdate()
        self._minhas = None if self.usuario.administra else list(self.usuario.carteiras.values_list("pk", flat=True))
        if self._minhas is not None and not self._minhas:
            raise ArquivoRecusado("Você ainda não tem carteira. Peça ao administrador uma carteira e importe de novo.")
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._leitor = leitor = _Leitor(self.usuario, bool(self.parametros.get("criar_carteiras")))
        self._linhas = 0
        for item in planilha:
            self._linhas += 1
            if isinstance(item, Linha):
                leitor.linha(item)
            else:
                leitor.recusas.append(recusa_de(item))
            progresso(self._linhas)

    def conferir(self) -> Conferencia:
        with connection.cursor() as cursor:
            cursor.execute(_CRIAR_LINHA)
        copiar("importacao_linha", _CAMPOS_LIDOS, self._leitor.prontas)
        recusas = self._leitor.recusas + self._recusas_do_banco()
        with connection.cursor() as cursor:
            cursor.execute(_CRIAR_PLANO, {"mes": self._hoje.replace(day=1)})
            cursor.execute(_CLASSES)
            novas, alteradas, iguais, digest = cursor.fetchone()
        recusadas = hashlib.sha256(repr(sorted(recusas)).encode()).hexdigest() if recusas else ""
        return Conferencia(
            linhas=self._linhas,
            novas=novas,
            alteradas=alteradas,
            iguais=iguais,
            recusas=recusas,
            assinatura=digest + recusadas[:32],
            alteracoes=self._alteracoes() if alteradas else [],
            avisos=self._avisos + self._aviso_de_carteiras(),
        )

    def gravar(self) -> dict[str, Any]:
        novas = self._criar_carteiras()
        padrao = self._minhas[0] if self._minhas else None
        with connection.cursor() as cursor:
            cursor.execute(_INSERIR, {"carteira": padrao, "desde": services.desde_padrao(self._hoje)})
            self._completar_fantasia()
            cursor.execute(_MUDAM_O_FISCAL)
            mudadas = [pk for (pk,) in cursor.fetchall()]
            cursor.execute(_ALTERAR)
            cursor.execute(_REGIMES)
            if cursor.rowcount:
                services.atualizar_regimes(self._hoje)
            cursor.execute("ANALYZE importacao_plano (documento, empresa_id)")
            cursor.execute(_LIGAR_FILIAIS, {"minhas": self._minhas})
            ligadas = [pk for (pk,) in cursor.fetchall()]
        if mudadas or ligadas:
            cadastro_mudou.send(Empresa, ids=[*mudadas, *ligadas], campos=CAMPOS_FISCAIS)
        return {"filiais_ligadas": len(ligadas), "carteiras_criadas": novas}

    def _recusas_do_banco(self) -> list[Recusa]:
        """What only the database can tell; the lines leave the temporary table."""
        with connection.cursor() as cursor:
            # Nobody else writes empresas until the merge ends (reading and the keys of other tables go on).
            cursor.execute("LOCK TABLE empresas_empresa IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute("ANALYZE importacao_linha (documento, codigo)")
        recusas = self._codigos_tomados()
        if self._minhas is not None:
            recusas += self._fora_das_carteiras(self._minhas)
        if recusas:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM importacao_linha WHERE linha = ANY(%s)", [[recusa.linha for recusa in recusas]]
                )
        return recusas

    def _codigos_tomados(self) -> list[Recusa]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT l.linha, l.codigo, o.id FROM importacao_linha l "
                "JOIN empresas_empresa o ON o.codigo = l.codigo AND o.documento <> l.documento WHERE o.codigo <> ''"
            )
            tomados = cursor.fetchall()
        donas = Empresa.objects.visiveis(self.usuario).in_bulk({dona for _, _, dona in tomados})
        return [
            Recusa(linha, ROTULOS["codigo"], codigo, campos.codigo_tomado(donas.get(dona)))
            for linha, codigo, dona in tomados
        ]

    def _fora_das_carteiras(self, minhas: list[int]) -> list[Recusa]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT l.linha, l.documento, e.id IS NULL, e.carteira_id = ANY(%(minhas)s) "
                "FROM importacao_linha l LEFT JOIN empresas_empresa e ON e.documento = l.documento "
                "WHERE (e.id IS NULL AND l.carteira_id IS NULL AND %(varias)s) "
                "OR (e.id IS NOT NULL AND (e.carteira_id = ANY(%(minhas)s)) IS NOT TRUE) "
                "OR (e.id IS NOT NULL AND l.carteira_id <> e.carteira_id)",
                {"minhas": minhas, "varias": len(minhas) > 1},
            )
            achadas = cursor.fetchall()
        recusas = []
        for linha, doc, nova, minha in achadas:
            if nova:
                recusas.append(Recusa(linha, ROTULOS["carteira"], "", campos.FALTA_CARTEIRA))
            elif minha:
                recusas.append(Recusa(linha, ROTULOS["carteira"], "", campos.SO_ADMINISTRADOR_MUDA_CARTEIRA))
            else:
                recusas.append(Recusa(linha, ROTULOS["documento"], mascarar(doc), campos.FORA_DAS_CARTEIRAS))
        return recusas

    def _alteracoes(self) -> list[Alteracao]:
        """The first changes, before and after, in words."""
        nomes = ", ".join(f"e.{campo}, coalesce(p.{campo}, e.{campo})" for campo in _ALTERAVEIS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT p.linha, e.codigo, e.razao_social, p.mudou_regime, p.regime_antes, p.regime, p.desde, {nomes} "  # noqa: S608
                "FROM importacao_plano p JOIN empresas_empresa e ON e.id = p.empresa_id "
                "WHERE p.mudou_cadastro OR p.mudou_regime ORDER BY p.linha LIMIT %s",
                [AMOSTRA],
            )
            linhas = cursor.fetchall()
        palavras = _Palavras(linhas, self._leitor.carteiras_novas)
        alteracoes = []
        for linha, codigo, razao, mudou_regime, regime_antes, regime, desde, *pares in linhas:
            quem = f"{codigo} {razao}".strip()
            if mudou_regime:
                antes = str(Regime(regime_antes).label) if regime_antes else ""
                depois = f"{Regime(regime).label} desde {format_data(desde)}"
                alteracoes.append(Alteracao(linha, quem, ROTULOS["regime"], antes, depois))
            for campo, antes, depois in zip(_ALTERAVEIS, pares[::2], pares[1::2], strict=True):
                if antes != depois:
                    alteracoes.append(
                        Alteracao(
                            linha,
                            quem,
                            ROTULOS[_ALTERAVEIS[campo]],
                            palavras.dizer(campo, antes),
                            palavras.dizer(campo, depois),
                        )
                    )
        return alteracoes[:AMOSTRA]

    def _aviso_de_carteiras(self) -> list[str]:
        novas = self._leitor.carteiras_novas
        return [f"Carteiras que serão criadas: {', '.join(sorted(novas))}."] if novas else []

    def _criar_carteiras(self) -> list[str]:
        provisorios = self._leitor.carteiras_novas
        if not provisorios:
            return []
        criadas = {nome: Carteira.objects.get_or_create(nome=nome)[0].pk for nome in provisorios}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE importacao_plano p SET carteira_id = c.id "
                "FROM unnest(%s::bigint[], %s::bigint[]) AS c(provisorio, id) WHERE p.carteira_id = c.provisorio",
                [list(provisorios.values()), list(criadas.values())],
            )
        return sorted(criadas)

    def _completar_fantasia(self) -> None:
        """Search text of the stored nome fantasia, for changed lines that leave it as it is."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.id, e.nome_fantasia FROM importacao_plano p JOIN empresas_empresa e ON e.id = p.empresa_id "
                "WHERE p.nome_fantasia IS NULL AND e.nome_fantasia <> '' AND (p.mudou_cadastro OR p.mudou_regime)"
            )
            guardadas = cursor.fetchall()
            cursor.execute(
                "UPDATE importacao_plano p SET busca_fantasia = f.busca "
                "FROM unnest(%s::bigint[], %s::text[]) AS f(id, busca) WHERE p.empresa_id = f.id",
                [[pk for pk, _ in guardadas], [sem_pontuacao(nome) for _, nome in guardadas]],
            )


class _Palavras:
    """Names of what the changed rows point to, read once."""

    def __init__(self, linhas: list[Any], carteiras_novas: dict[str, int]) -> None:
        self._carteiras = dict(Carteira.objects.values_list("pk", "nome")) | {
            pk: n for n, pk in carteiras_novas.items()
        }
        self._municipios = Municipios() if linhas else None

    def dizer(self, campo: str, valor: Any) -> str:
        if valor is None:
            return ""
        if campo == "carteira_id":
            return self._carteiras.get(valor, "")
        if campo == "municipio_id" and self._municipios is not None:
            return self._municipios.nome(valor)
        if isinstance(valor, bool):
            return "sim" if valor else "não"
        return format_data(valor) if isinstance(valor, date) else str(valor)
