"""Client of SISGENF-e: its eleven endpoints, and the search that settles a doubt.

Source: Systema Informática, API SISGENF-e 1.1.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from comum.documentos import mascarar
from nfse.providers.interface import (
    Capacidade,
    DadosInvalidos,
    Emissao,
    Estado,
    NotaNoServico,
    Pessoa,
    Problema,
    Referencia,
)
from nfse.providers.sisgenfe import envio, leitura
from nfse.providers.sisgenfe.acesso import AcessoSisgenfe, entrar
from nfse.providers.sisgenfe.chamada import (
    CANCELA,
    CNAE,
    CNAES,
    CORRIGE,
    MUNICIPIOS,
    NFS,
    NOTAS,
    TOMADOR,
    TOMADORES,
    UNIDADES,
    Leitura,
    Ligacao,
    inteira,
    lista,
    sem_fim,
)
from nfse.providers.sisgenfe.referencias import Atividade, Municipio, Referencias, TomadorNoServico, Unidade, uf_do_ibge
from operacoes.errors import ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas

MARCA_REPETIDA = "MARCA-REPETIDA"


@dataclass(frozen=True)
class Busca:
    """The notes that carry a marker: none, one, or more when the same intent became two notes. Without `completa`, a
    note that is not here may still exist. `ultimo` is the highest number seen, None when no note was."""

    notas: tuple[NotaNoServico, ...]
    completa: bool
    ultimo: int | None


class Sisgenfe(Ligacao):
    """One prestador at SISGENF-e (see nfse.providers.interface.Canal).

    `referencias` is filled as municípios and unidades are read; whoever keeps them saves `referencias.novas` after it.
    `tomador` is the customer last registered, as the service answered it.
    Every method raises the error family; DadosInvalidos, before anything leaves, for what can never be sent.
    """

    capacidades = frozenset({Capacidade.CONSULTAR, Capacidade.CORRIGIR, Capacidade.CANCELAR})

    def __init__(self, acesso: AcessoSisgenfe, referencias: Referencias | None = None) -> None:
        super().__init__(acesso)
        self.referencias = referencias if referencias is not None else Referencias()
        self.tomador: TomadorNoServico | None = None

    def login(self, *, chamadas: Chamadas) -> None:
        """Log in now, to prove the access."""
        entrar(self._acesso, chamadas)

    # -- the note ------------------------------------------------------------------------------------------------------
    def emitir(self, nota: Emissao, *, chamadas: Chamadas) -> NotaNoServico:
        """Register the tomador, then issue; until the tomador is accepted the note is not sent.

        The note comes back with its number, looked for when the answer brings none; empty when it was not found.
        """
        if problemas := envio.problemas(nota):
            raise DadosInvalidos(envio.NOME, problemas)
        try:
            self._resolver_municipio(nota.municipio_prestacao, chamadas)
            for item in nota.itens:
                self._resolver_unidade(item.unidade, chamadas)
            self.gravar_tomador(nota.tomador, chamadas=chamadas)
        except ProviderRefused as erro:
            raise ProviderRefused(
                f"{erro.mensagem} A nota não foi enviada.", codigo=erro.codigo, texto=erro.texto, status=erro.status
            ) from erro
        feita = self.chamar(NFS, envio.corpo_da_nota(nota, self.referencias), chamadas, leitura.nota)
        return feita if feita.numero else self._com_numero(feita, nota, chamadas)

    def consultar(self, nota: Referencia, *, chamadas: Chamadas) -> NotaNoServico | None:
        """By number, else by key, else by marker (see `procurar`). A note found says nothing of its cancellation.

        Raises ProviderRefused(MARCA_REPETIDA) when several notes carry the marker, ProviderUnavailable when the
        list could not be read to its end.
        """
        if nota.numero:
            return self._por_numero(_numero(nota), chamadas)
        if nota.chave:
            achada = self._por_chave(nota.chave, chamadas, recusa=not nota.marca)
            if achada is not None or not nota.marca:
                return achada
        return _unica(self.procurar(nota.marca, nota.desde_numero, chamadas=chamadas))

    def procurar(self, marca: str, desde_numero: int, *, chamadas: Chamadas) -> Busca:
        """The notes numbered `desde_numero` or more whose observação contains `marca`: what settles a doubt.

        A marker must not be the beginning of another. Reads until a page comes empty, so that a service which cuts
        pages short does not make a note look absent.
        """
        if not marca.strip():
            raise ValueError("a search needs a marker")
        lidas = self._notas_desde(desde_numero, chamadas)
        numeros = [int(lida.numero) for lida in lidas.itens if lida.numero]
        achadas = tuple(lida for lida in lidas.itens if marca in lida.observacao)
        return Busca(achadas, lidas.completa, max(numeros, default=None))

    def corrigir(self, nota: Referencia, texto: str, *, chamadas: Chamadas) -> NotaNoServico:
        """Append a correction letter; each call appends one. It changes neither people, values nor taxes."""
        if not texto.strip():
            raise DadosInvalidos(envio.NOME, [Problema("texto", "Escreva o texto da carta de correção.")])
        corpo = envio.corpo_da_correcao(_numero(nota), texto.strip())
        return self.chamar(CORRIGE, corpo, chamadas, lambda dados: _sobre(nota, dados, Estado.AUTORIZADA))

    def cancelar(self, nota: Referencia, codigo: str, motivo: str, *, chamadas: Chamadas) -> NotaNoServico:
        """Ask for the cancellation, `codigo` one of TIPOS_DE_CANCELAMENTO. PROCESSANDO: the town hall decides, and the
        service does not tell what. It takes one request for each note: of a second it says
        ProviderRefused(CANCELAMENTO_JA_PEDIDO)."""
        if codigo not in envio.TIPOS_DE_CANCELAMENTO:
            raise DadosInvalidos(envio.NOME, [Problema("codigo", "Escolha o tipo do cancelamento: 2, 3 ou 4.")])
        if not motivo.strip():
            raise DadosInvalidos(envio.NOME, [Problema("motivo", "Escreva o motivo do cancelamento.")])
        corpo = envio.corpo_do_cancelamento(_numero(nota), codigo, motivo.strip())
        return self.chamar(CANCELA, corpo, chamadas, lambda dados: _sobre(nota, dados, Estado.PROCESSANDO))

    def substituir(
        self, nota: Emissao, antiga: Referencia, codigo: str, motivo: str, *, chamadas: Chamadas
    ) -> NotaNoServico:
        raise ProviderRefused(
            "O SISGENF-e não substitui notas. Cancele a nota e emita outra.", codigo="SEM-SUBSTITUICAO"
        )

    def previa(self, nota: Emissao, *, chamadas: Chamadas) -> bytes:
        raise ProviderRefused("O SISGENF-e não tem prévia da nota.", codigo="SEM-PREVIA")

    # -- registers -----------------------------------------------------------------------------------------------------
    def gravar_tomador(self, pessoa: Pessoa, *, chamadas: Chamadas) -> TomadorNoServico:
        """Create the customer, or replace the one with this document: repeating it changes nothing."""
        if problemas := envio.problemas_do_tomador(pessoa):
            raise DadosInvalidos(envio.NOME, problemas)
        if pessoa.endereco is not None:
            self._resolver_municipio(pessoa.endereco.municipio, chamadas)
        corpo = envio.corpo_do_tomador(pessoa, self.referencias)
        self.tomador = self.chamar(TOMADOR, corpo, chamadas, leitura.tomador)
        return self.tomador

    def tomadores(self, documento: str = "", *, chamadas: Chamadas) -> list[TomadorNoServico]:
        """The prestador's customers, or the one with this document (unmasked)."""
        onde = {"eq": {"documento": mascarar(documento)}} if documento else {}
        return inteira(self.paginas(TOMADORES, onde, leitura.tomador, lambda t: t.documento, chamadas))

    def notas(self, desde_numero: int = 0, *, chamadas: Chamadas) -> list[NotaNoServico]:
        return inteira(self._notas_desde(desde_numero, chamadas))

    def atividades(self, *, chamadas: Chamadas) -> list[Atividade]:
        """The activities assigned to the prestador: what Item.codigo may hold."""
        return self.chamar(CNAE, None, chamadas, lambda dados: [leitura.atividade(item) for item in lista(dados)])

    def cnaes(self, lc116: str = "", *, chamadas: Chamadas) -> list[Atividade]:
        """Activities of the whole table, or of one item of LC 116 ("7.05")."""
        onde = {"eq": {"lei116.codigo": lc116}} if lc116 else {}
        return inteira(self.paginas(CNAES, onde, leitura.atividade, lambda a: a.id, chamadas))

    def municipios(self, uf: str, *, chamadas: Chamadas) -> list[Municipio]:
        """The municípios of a UF, with their internal ids; `referencias` learns them."""
        return inteira(self._ler_municipios(uf, chamadas))

    def unidades(self, nome: str = "", *, chamadas: Chamadas) -> list[Unidade]:
        """The units of measure, with their internal ids; `referencias` learns them."""
        return inteira(self._ler_unidades(nome, chamadas))

    # -- internal ids --------------------------------------------------------------------------------------------------
    def _ler_municipios(self, uf: str, chamadas: Chamadas, *, ate_vazia: bool = False) -> Leitura[Municipio]:
        onde = {"eq": {"estado.uf": uf}}
        lidos = self.paginas(MUNICIPIOS, onde, leitura.municipio, lambda m: m.id, chamadas, ate_vazia=ate_vazia)
        self.referencias.aprender(lidos.itens)
        return lidos

    def _ler_unidades(self, nome: str, chamadas: Chamadas, *, ate_vazia: bool = False) -> Leitura[Unidade]:
        onde = {"eq": {"nome": nome}} if nome else {}
        lidas = self.paginas(UNIDADES, onde, leitura.unidade, lambda u: u.id, chamadas, ate_vazia=ate_vazia)
        self.referencias.aprender(lidas.itens)
        return lidas

    def _resolver_municipio(self, ibge: str, chamadas: Chamadas) -> None:
        """Before saying that there is none, the list is read until an empty page: the service may cut pages short."""
        uf = uf_do_ibge(ibge)
        for ate_vazia in (False, True):
            if ibge in self.referencias.municipios:
                return
            lidos = self._ler_municipios(uf, chamadas, ate_vazia=ate_vazia)
        if ibge not in self.referencias.municipios:
            inteira(lidos)
            raise ProviderRefused(
                f"O SISGENF-e não conhece o município {ibge}. Confira o município.", codigo="MUNICIPIO-DESCONHECIDO"
            )

    def _resolver_unidade(self, nome: str, chamadas: Chamadas) -> None:
        for ate_vazia in (False, True):
            if nome in self.referencias.unidades:
                return
            lidas = self._ler_unidades("", chamadas, ate_vazia=ate_vazia)
        if nome not in self.referencias.unidades:
            inteira(lidas)
            raise ProviderRefused(
                f"O SISGENF-e não tem a unidade de medida “{nome}”. Escolha outra.", codigo="UNIDADE-DESCONHECIDA"
            )

    # -- looking for notes ---------------------------------------------------------------------------------------------
    def _com_numero(self, feita: NotaNoServico, nota: Emissao, chamadas: Chamadas) -> NotaNoServico:
        """The note is issued: not finding its number, for whatever reason, does not undo that."""
        referencia = Referencia(chave=feita.chave, marca=nota.marca, desde_numero=nota.desde_numero)
        try:
            achada = self.consultar(referencia, chamadas=chamadas)
        except ProviderError:
            return feita
        mesma = achada is not None and achada.chave in ("", feita.chave)
        return replace(feita, numero=achada.numero) if achada is not None and mesma else feita

    def _por_numero(self, numero: int, chamadas: Chamadas) -> NotaNoServico | None:
        lidas = self.pagina(NOTAS, {"eq": {"numero": numero}}, 0, chamadas, leitura.nota)
        return _a_pedida(lidas, lambda nota: nota.numero == str(numero))

    def _por_chave(self, chave: str, chamadas: Chamadas, *, recusa: bool) -> NotaNoServico | None:
        """Searching by key is not documented: with `recusa` false a refusal only means to look in another way."""
        try:
            lidas = self.pagina(NOTAS, {"eq": {"key": chave}}, 0, chamadas, leitura.nota)
        except ProviderRefused:
            if recusa:
                raise
            return None
        if not recusa:
            return next((nota for nota in lidas if nota.chave == chave), None)
        return _a_pedida(lidas, lambda nota: nota.chave == chave)

    def _notas_desde(self, desde: int, chamadas: Chamadas) -> Leitura[NotaNoServico]:
        """Notes by number, each page from the last number on, until one comes empty. The order is not documented: a
        page that is not in it is not built upon, and all is read by offset instead."""
        lidas: list[NotaNoServico] = []
        proximo = desde
        while True:
            pagina = self.pagina(NOTAS, {"ge": {"numero": proximo}}, 0, chamadas, leitura.nota)
            if not pagina:
                return Leitura(lidas, completa=True)
            numeros = [int(nota.numero or -1) for nota in pagina]
            if numeros[0] < proximo or any(depois <= antes for antes, depois in pairwise(numeros)):
                break
            lidas += pagina
            proximo = numeros[-1] + 1
        onde = {"ge": {"numero": desde}}
        return self.paginas(NOTAS, onde, leitura.nota, lambda n: n.numero or n.chave, chamadas, ate_vazia=True)


def _sobre(nota: Referencia, dados: Any, estado: Estado) -> NotaNoServico:
    """The answer to a correction or cancellation: the note it is about, and the whole answer in `bruto`."""
    lida = leitura.nota(dados["notaFiscal"], estado)
    if lida.numero != str(_numero(nota)):
        raise ValueError("an answer about another note")
    tipo = dados.get("tipoCancelamento")
    mensagem = tipo.get("nome") if isinstance(tipo, dict) else dados.get("historico")
    return replace(lida, mensagem=mensagem if isinstance(mensagem, str) else "", bruto=dados)


def _numero(nota: Referencia) -> int:
    if not (nota.numero.isascii() and nota.numero.isdecimal()):
        raise DadosInvalidos(
            envio.NOME, [Problema("numero", "Falta o número da nota no SISGENF-e. Releia a nota antes.")]
        )
    return int(nota.numero)


def _a_pedida(lidas: list[NotaNoServico], serve: Callable[[NotaNoServico], bool]) -> NotaNoServico | None:
    """The note asked for. An answer with others only did not look at the question: it does not say "there is none"."""
    achada = next(filter(serve, lidas), None)
    if lidas and achada is None:
        raise ProviderUnavailable(
            "O SISGENF-e respondeu com notas que não são a pedida. O Guichê tenta de novo.", codigo="RESPOSTA-ALHEIA"
        )
    return achada


def _unica(busca: Busca) -> NotaNoServico | None:
    if len(busca.notas) > 1:
        numeros = ", ".join(nota.numero or nota.chave for nota in busca.notas)
        raise ProviderRefused(
            f"Há mais de uma nota com a mesma marca no SISGENF-e: {numeros}. Confira no portal e cancele a que sobra.",
            codigo=MARCA_REPETIDA,
        )
    if not busca.notas and not busca.completa:
        raise sem_fim()
    return busca.notas[0] if busca.notas else None
