"""The CSV of tomadores: every line checked in one pass, then compared and merged by set-based SQL."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse

from comum.documentos import Invalido, Motivo, documento, mascarar
from comum.formatos import contar, normalizar, parse_sim_nao
from comum.models import Usuario
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from empresas.campos import Emails, falta, ler_inscricao_municipal, ler_nome
from empresas.importacao.base import (
    AMOSTRA,
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Pendencia,
    Progresso,
    Recusa,
    copiar,
    recusa_de,
)
from empresas.models.cadastro import sem_pontuacao
from empresas.municipios import Municipios
from nfse import campos
from nfse.importacao import sql
from nfse.importacao.empresas import SEM_EMPRESA, Empresas, empresa_padrao
from nfse.paises import BRASIL, ler_pais, nome_do_pais

COLUNAS = (
    Coluna("empresa", "empresa", sinonimos=("prestador", "código da empresa", "cnpj da empresa", "cnpj do prestador")),
    Coluna(
        "documento",
        "CNPJ ou CPF",
        True,
        (*DE_DOCUMENTO, "cnpj do tomador", "cpf ou cnpj do tomador"),
    ),
    Coluna("nome", "nome", True, ("razão social", "razão", "nome ou razão social", "tomador", "cliente")),
    Coluna("inscricao_municipal", "inscrição municipal", sinonimos=("im", "ccm")),
    Coluna("email", "e-mail", sinonimos=("e-mail do tomador",)),
    Coluna("telefone", "telefone", sinonimos=("fone", "celular")),
    Coluna("cep", "CEP", sinonimos=("código postal",)),
    Coluna("logradouro", "logradouro", sinonimos=("endereço", "rua")),
    Coluna("numero", "número", sinonimos=("nº", "n", "num")),
    Coluna("complemento", "complemento", sinonimos=("compl",)),
    Coluna("bairro", "bairro"),
    Coluna("municipio", "município", sinonimos=("ibge", "código ibge", "município ibge", "cód. município")),
    Coluna("uf", "UF", sinonimos=("estado",)),
    Coluna("pais", "país"),
    Coluna("nif", "NIF", sinonimos=("documento no exterior",)),
    Coluna("cidade", "cidade", sinonimos=("cidade no exterior",)),
    Coluna("regiao", "estado ou província no exterior", sinonimos=("região no exterior", "província")),
    Coluna("codigo_postal", "código postal no exterior", sinonimos=("zip code",)),
    Coluna("sem_nif", "por que sem NIF", sinonimos=("motivo sem NIF",)),
    Coluna("ativo", "ativo", sinonimos=("ativa", "situação")),
)
ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
_LINHAS = {
    "logradouro": ("Logradouro", 125),
    "numero": ("Número", 10),
    "complemento": ("Complemento", 60),
    "bairro": ("Bairro", 60),
}
_FORA = {"regiao": ("Estado ou província", 60), "codigo_postal": ("Código postal", 11)}
_VARIOS = "Há mais de um tomador no exterior com este nome nesta empresa. Informe o NIF, ou altere na tela."


@dataclass(slots=True)
class _Texto:
    """A column whose texts repeat along the file: each text is judged once. A blank stays blank."""

    ler: Callable[[str], str | Invalido]
    lidos: dict[str, str | Invalido]

    def __call__(self, texto: str) -> str | Invalido:
        if not texto:
            return ""
        lido = self.lidos.get(texto)
        if lido is None:
            lido = self.lidos[texto] = self.ler(texto)
        return lido


class _Leitor:
    """Checks one line at a time and makes it ready for copiar(). A hundred thousand pass here."""

    def __init__(self, usuario: Usuario, empresa: int | None) -> None:
        self.recusas: list[Recusa] = []
        self.prontas: list[str] = []
        self._empresas = Empresas(usuario)
        self._padrao = empresa
        self._municipios = Municipios()
        self._vistos: dict[tuple[int, str], int] = {}
        self._email = Emails().ler
        self._pais = _Texto(ler_pais, {})
        self._ativo = _Texto(_ler_ativo, {})
        self._bairro = _Texto(lambda texto: campos.ler_linha(texto, *_LINHAS["bairro"]), {})
        self._empresa_de = _Texto(self._empresas.achar, {})

    def linha(self, lida: Linha) -> None:
        numero, valores = lida
        de = valores.get
        pais = self._pais(de("pais", ""))
        # With a country that nobody knows, who has no document is taken as abroad: one fault, one message.
        fora = not valores["documento"] if isinstance(pais, Invalido) else pais not in ("", BRASIL)
        lidos: dict[str, str | Invalido] = {
            "empresa": self._empresa(de("empresa", "")),
            "documento": self._documento(valores["documento"], fora),
            "nome": ler_nome(texto, "Nome") if (texto := valores["nome"]) else falta("nome"),
            "inscricao_municipal": ler_inscricao_municipal(texto) if (texto := de("inscricao_municipal", "")) else "",
            "email": self._email(texto) if (texto := de("email", "")) else "",
            "telefone": campos.ler_telefone(texto, no_exterior=fora) if (texto := de("telefone", "")) else "",
            "cep": self._cep(de("cep", ""), fora),
            "logradouro": self._linha("logradouro", de("logradouro", "")),
            "numero": self._linha("numero", de("numero", "")),
            "complemento": self._linha("complemento", de("complemento", "")),
            "bairro": self._bairro(de("bairro", "")),
            "pais": pais,
            "nif": self._nif(de("nif", ""), fora),
            "regiao": self._do_exterior("regiao", de("regiao", ""), fora),
            "codigo_postal": self._do_exterior("codigo_postal", de("codigo_postal", ""), fora),
            "sem_nif": self._sem_nif(de("sem_nif", ""), de("nif", ""), fora),
            "ativo": self._ativo(de("ativo", "")),
        }
        lidos |= self._lugar(valores, fora)
        ruins = len(self.recusas)
        for coluna, lido in lidos.items():
            if isinstance(lido, Invalido):
                self._recusar(numero, coluna, valores, lido.mensagem)
        if len(self.recusas) == ruins:
            self._aprontar(numero, valores, {coluna: str(lido) for coluna, lido in lidos.items()}, fora)

    def _aprontar(self, numero: int, valores: dict[str, str], lidos: dict[str, str], fora: bool) -> None:
        ordem = normalizar(lidos["nome"])[:150]
        quem = f"{lidos['pais']} {lidos['nif'] or ordem}" if fora else lidos["documento"]
        primeira = self._vistos.setdefault((int(lidos["empresa"]), quem), numero)
        if primeira != numero:
            motivo = f"Repetido na mesma empresa: já está na linha {primeira}. Deixe só uma das linhas."
            self._recusar(numero, "nif" if fora and lidos["nif"] else "nome" if fora else "documento", valores, motivo)
            return
        busca = f"{lidos['documento'].lower()} {sem_pontuacao(lidos['nome'])}"
        cells = [lidos[coluna] for coluna in sql.COLUNAS_LIDAS]
        self.prontas.append("\t".join([str(numero), *cells, ordem, busca]) + "\n")

    def _recusar(self, numero: int, coluna: str, valores: dict[str, str], motivo: str) -> None:
        valor = valores.get(coluna, "")
        self.recusas.append(Recusa(numero, ROTULOS[coluna], valor[:200], motivo))

    def _empresa(self, texto: str) -> str | Invalido:
        if texto:
            return self._empresa_de(texto)
        return SEM_EMPRESA if self._padrao is None else str(self._padrao)

    @staticmethod
    def _documento(texto: str, fora: bool) -> str | Invalido:
        if fora:
            return Invalido(Motivo.PROIBIDO, campos.DOCUMENTO_NO_EXTERIOR) if texto else ""
        return documento(texto) if texto else Invalido(Motivo.TAMANHO, campos.SEM_DOCUMENTO)

    @staticmethod
    def _cep(texto: str, fora: bool) -> str | Invalido:
        if texto and fora:
            return Invalido(Motivo.PROIBIDO, campos.so_do_brasil("CEP"))
        return campos.ler_cep(texto) if texto else ""

    @staticmethod
    def _nif(texto: str, fora: bool) -> str | Invalido:
        if texto and not fora:
            return Invalido(Motivo.PROIBIDO, campos.so_do_exterior("NIF"))
        return campos.ler_nif(texto) if texto else ""

    @staticmethod
    def _do_exterior(coluna: str, texto: str, fora: bool) -> str | Invalido:
        if texto and not fora:
            return Invalido(Motivo.PROIBIDO, campos.so_do_exterior(_FORA[coluna][0]))
        return campos.ler_linha(texto, *_FORA[coluna]) if texto else ""

    @staticmethod
    def _sem_nif(texto: str, nif: str, fora: bool) -> str | Invalido:
        if not texto:
            return ""
        if not fora:
            return Invalido(Motivo.PROIBIDO, campos.so_do_exterior("O motivo de não ter NIF"))
        return Invalido(Motivo.PROIBIDO, campos.NIF_E_MOTIVO) if nif else campos.ler_sem_nif(texto)

    @staticmethod
    def _linha(coluna: str, texto: str) -> str | Invalido:
        return campos.ler_linha(texto, *_LINHAS[coluna]) if texto else ""

    def _lugar(self, valores: dict[str, str], fora: bool) -> dict[str, str | Invalido]:
        """Município and city abroad. Files of the market call the município "cidade": in Brazil it is read as one."""
        municipio, cidade, uf = (valores.get(nome, "") for nome in ("municipio", "cidade", "uf"))
        if fora:
            lidos: dict[str, str | Invalido] = {"municipio": "", "cidade": self._cidade(cidade or municipio)}
            if municipio and cidade:
                lidos["municipio"] = Invalido(Motivo.PROIBIDO, campos.so_do_brasil("Município"))
            return lidos
        coluna = "municipio" if municipio else "cidade"
        vazio: dict[str, str | Invalido] = {"municipio": "", "cidade": ""}
        if texto := municipio or cidade:
            achado = self._municipios.achar(texto, uf)
            if isinstance(achado, Invalido):
                return vazio | {"uf" if uf and not self._municipios.uf_valida(uf) else coluna: achado}
            return vazio | {"municipio": achado}
        if uf and not self._municipios.uf_valida(uf):
            return vazio | {"uf": Invalido(Motivo.INEXISTENTE, f"UF {uf[:20]} não existe. Use a sigla, como SP.")}
        return vazio

    @staticmethod
    def _cidade(texto: str) -> str | Invalido:
        return campos.ler_linha(texto, "Cidade", 60) if texto else Invalido(Motivo.TAMANHO, campos.SEM_CIDADE)


def _ler_ativo(texto: str) -> str | Invalido:
    ativo = parse_sim_nao(texto)
    return ativo if isinstance(ativo, Invalido) else "t" if ativo else "f"


class ImportadorDeTomadores(Importador):
    """Upsert by empresa and document (abroad, by country and NIF or else name); blank cells leave what is stored.

    parametros: {"empresa": id}, the empresa of the lines that name none.
    """

    tipo = "tomadores"
    titulo = "Importar tomadores"
    singular = "tomador"
    plural = "tomadores"
    colunas = COLUNAS
    url_nova = "nfse:tomadores_importar"
    url_lista = "nfse:tomadores"

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._leitor = leitor = _Leitor(self.usuario, empresa_padrao(self.usuario, self.parametros))
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
            cursor.execute(sql.CRIAR_LINHA)
        copiar("tomador_linha", sql.COLUNAS_COPIADAS, self._leitor.prontas)
        with connection.cursor() as cursor:
            # Nobody else writes tomadores until the merge ends (reading and the keys of other tables go on).
            cursor.execute("LOCK TABLE nfse_tomador IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(sql.RECONHECER)
        recusas = self._leitor.recusas + self._ambiguas()
        with connection.cursor() as cursor:
            cursor.execute(sql.CRIAR_PLANO)
            cursor.execute(sql.CLASSES)
            novas, alteradas, iguais, incompletas, digest = cursor.fetchone()
        recusadas = hashlib.sha256(repr(sorted(recusas)).encode()).hexdigest() if recusas else ""
        return Conferencia(
            linhas=self._linhas,
            novas=novas,
            alteradas=alteradas,
            iguais=iguais,
            recusas=recusas,
            assinatura=digest + recusadas[:32],
            alteracoes=self._alteracoes() if alteradas else [],
            avisos=self._avisos,
            pendencias=_pendencias(incompletas),
        )

    def _ambiguas(self) -> list[Recusa]:
        """Lines abroad that could be more than one tomador; they leave the temporary table."""
        with connection.cursor() as cursor:
            cursor.execute(sql.AMBIGUAS)
            achadas = cursor.fetchall()
            if achadas:
                cursor.execute("DELETE FROM tomador_linha WHERE linha = ANY(%s)", [[linha for linha, *_ in achadas]])
        return [
            Recusa(linha, ROTULOS["nome"], nome, _VARIOS if varios else f"É o mesmo tomador da linha {primeira}.")
            for linha, nome, varios, primeira in achadas
        ]

    def gravar(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql.INSERIR)
            cursor.execute(sql.BUSCA_NO_EXTERIOR)
            cursor.execute(sql.ALTERAR)
            cursor.execute(sql.CONTRATOS)
            cursor.execute(sql.NOTAS)
        return {}

    def _alteracoes(self) -> list[Alteracao]:
        """The first changes, before and after, in words."""
        with connection.cursor() as cursor:
            cursor.execute(sql.MUDANCAS, [AMOSTRA])
            linhas = cursor.fetchall()
        municipios = Municipios()
        alteracoes = []
        for linha, doc, nome, *pares in linhas:
            quem = f"{mascarar(doc)} {nome}".strip()
            for campo, antes, depois in zip(sql.ALTERAVEIS, pares[::2], pares[1::2], strict=True):
                if antes != depois:
                    ditos = (_dizer(campo, antes, municipios), _dizer(campo, depois, municipios))
                    alteracoes.append(Alteracao(linha, quem, ROTULOS[sql.ALTERAVEIS[campo]], *ditos))
        return alteracoes[:AMOSTRA]


def _pendencias(incompletas: int) -> list[Pendencia]:
    if not incompletas:
        return []
    quantos = contar(incompletas, "tomador fica", "tomadores ficam")
    texto = f"{quantos} sem endereço completo: o SISGENF-e e o emissor nacional recusam nota para empresa sem ele."
    return [Pendencia(texto, "Ver os sem endereço", f"{reverse('nfse:tomadores')}?endereco=falta")]


def _dizer(campo: str, valor: Any, municipios: Municipios) -> str:
    if isinstance(valor, bool):
        return "sim" if valor else "não"
    if not valor:
        return ""
    if campo == "municipio_id":
        return municipios.nome(valor)
    return nome_do_pais(valor) if campo == "pais" else str(valor)
