"""The operations on notes issued: create, preview, consult, search, cancel, substitute and the rest of /nfse."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nfse.providers.integranotas import envelope as codigos
from nfse.providers.integranotas import payload
from nfse.providers.integranotas.arquivos import arquivo, codificar
from nfse.providers.integranotas.envelope import Envelope, chave_para_rota
from nfse.providers.integranotas.filtros import FiltroBusca, FiltroPrefeitura
from nfse.providers.integranotas.leitura import Pacote, Pagina, nota_de, pagina_de, pedir_pacote, sem_arquivos
from nfse.providers.integranotas.transporte import Chamada, Gateway, ilegivel, nao_existe
from nfse.providers.interface import Capacidade, Emissao, Estado, NotaNoServico, Referencia
from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas

_DECIDIDA = frozenset({codigos.AUTORIZADA, codigos.PROCESSANDO})
_DESFEITA = frozenset({codigos.CANCELADA, codigos.PROCESSANDO})
_MESMO_NUMERO = "corrija e emita de novo com o mesmo número"

BUSCA = Chamada("POST", "/nfse/busca", "a busca de notas")
PREFEITURA = Chamada("POST", "/nfse/consulta", "a busca na prefeitura")
CANCELA = Chamada("POST", "/nfse/cancela", "o cancelamento", bons=_DESFEITA, efeito=True)
CONFLITO = Chamada("POST", "/nfse/conflito", "o acerto da nota com o XML da prefeitura")
BACKUP = Chamada("POST", "/nfse/backup", "o pacote do mês")
OFFLINE = Chamada("GET", "/nfse/offline", "a lista de notas em processamento")


class Notas(Gateway):
    """Notes of one emitente (see nfse.providers.interface.Canal)."""

    capacidades = frozenset({Capacidade.PREVIA, Capacidade.CONSULTAR, Capacidade.CANCELAR, Capacidade.SUBSTITUIR})

    # -- what has an effect -------------------------------------------------------------------------------------
    def emitir(self, nota: Emissao, *, chamadas: Chamadas) -> NotaNoServico:
        """Create. AUTORIZADA with its files, or PROCESSANDO with the chave to look at.

        Raises JaExiste (5008) and DuvidaComChave (7000 and above, unreadable): consult their `chave` first;
        OutcomeUnknown when the answer was lost; ProviderRefused when the service refused and deleted it: the same
        number goes again.
        """
        versao = self._acesso.versao_emissao
        chamada = Chamada(
            "POST", "/nfse", "a emissão", _DECIDIDA, efeito=True, unica=True, versao=versao, depois=_MESMO_NUMERO
        )
        return _emitida(chamada, self.chamar(chamada, chamadas, payload.corpo_emissao(nota, versao)))

    def substituir(
        self, nota: Emissao, antiga: Referencia, codigo: str, motivo: str, *, chamadas: Chamadas
    ) -> NotaNoServico:
        """Issue `nota` and cancel `antiga` in one call; what comes back is the new note. Raises as emitir."""
        versao = self._acesso.versao_emissao
        chamada = Chamada(
            "POST",
            "/nfse/substitui",
            "a substituição",
            _DECIDIDA,
            efeito=True,
            unica=True,
            versao=versao,
            depois=_MESMO_NUMERO,
        )
        corpo = payload.corpo_substituicao(nota, versao, chave=antiga.chave, codigo=codigo, motivo=motivo)
        return _emitida(chamada, self.chamar(chamada, chamadas, corpo))

    def cancelar(self, nota: Referencia, codigo: str, motivo: str, *, chamadas: Chamadas) -> NotaNoServico:
        """Cancel. CANCELADA with the files of the cancellation, or PROCESSANDO where the town decides later (a later
        consult then says CANCELADA or AUTORIZADA). `motivo` has 15 to 80 characters."""
        corpo = payload.corpo_cancelamento(nota.chave, codigo, motivo)
        return nota_de(self.chamar(CANCELA, chamadas, corpo), chave=corpo["chave"])

    def corrigir(self, nota: Referencia, texto: str, *, chamadas: Chamadas) -> NotaNoServico:
        """Not in `capacidades`: this service has no correction of a note."""
        raise ProviderRefused(
            "O Integra Notas não corrige nota emitida. Substitua a nota, ou cancele e emita outra.",
            codigo="SEM-CORRECAO",
        )

    def conflito(self, chave: str, xml: bytes, *, chamadas: Chamadas) -> NotaNoServico:
        """Reconcile a note with the XML that the town hall has of it. May be repeated."""
        corpo = {"chave": chave_para_rota(chave), "xml": codificar(xml)}
        return nota_de(self.chamar(CONFLITO, chamadas, corpo), chave=corpo["chave"])

    # -- readings -----------------------------------------------------------------------------------------------
    def previa(self, nota: Emissao, *, chamadas: Chamadas) -> bytes:
        versao = self._acesso.versao_emissao
        chamada = Chamada("POST", "/nfse/preview", "a prévia", versao=versao)
        return _pdf(chamada, self.chamar(chamada, chamadas, payload.corpo_emissao(nota, versao)))

    def consultar(self, nota: Referencia, *, chamadas: Chamadas) -> NotaNoServico | None:
        """The note by its chave, else by série and RPS number (two calls); None when the service has none.

        Raises ProviderRefused when the note was refused after having been accepted: it is gone, and its number free.
        """
        if nota.chave:
            return self._por_chave(nota.chave, chamadas)
        achadas = self.procurar(nota, chamadas=chamadas)
        if not achadas:
            return None
        achada = next((outra for outra in achadas if outra.estado is not Estado.CANCELADA), achadas[0])
        return self._por_chave(achada.chave, chamadas) if achada.chave else achada

    def procurar(self, nota: Referencia, *, chamadas: Chamadas) -> tuple[NotaNoServico, ...]:
        """The notes of one série and RPS number in the service's base, without files. That there is none proves less
        than a consult by chave: the shape of this answer is not published."""
        if nota.rps is None or not nota.serie:
            raise ValueError("a note without chave is looked for by série and RPS number")
        pagina = self.buscar(FiltroBusca(rps_inicial=nota.rps, rps_final=nota.rps, serie=nota.serie), chamadas=chamadas)
        return tuple(
            achada for achada in pagina.notas if achada.rps in (None, nota.rps) and achada.serie in ("", nota.serie)
        )

    def buscar(self, filtro: FiltroBusca, *, chamadas: Chamadas) -> Pagina:
        return pagina_de(self.chamar(BUSCA, chamadas, filtro.para_envio()))

    def buscar_na_prefeitura(self, filtro: FiltroPrefeitura, *, chamadas: Chamadas) -> Pagina:
        return pagina_de(self.chamar(PREFEITURA, chamadas, filtro.para_envio()))

    def pdf(self, chave: str, *, chamadas: Chamadas) -> bytes:
        chamada = Chamada("GET", f"/nfse/pdf/{chave_para_rota(chave)}", "o PDF da nota")
        return _pdf(chamada, self.chamar(chamada, chamadas))

    def resolver(self, chave: str, *, chamadas: Chamadas) -> NotaNoServico:
        """Have the service look at the town hall again and copy what it finds: how a note cancelled on the town's site
        becomes CANCELADA here."""
        chave = chave_para_rota(chave)
        chamada = Chamada("GET", f"/nfse/resolve/{chave}", "a situação da nota")
        return nota_de(self.chamar(chamada, chamadas), chave=chave)

    def info(self, municipio: str, *, chamadas: Chamadas) -> Mapping[str, Any]:
        """How a município (7-digit IBGE code) is integrated, as the service tells it."""
        if not re.fullmatch("[0-9]{7}", municipio):
            raise ValueError(f"{municipio!r} is no IBGE code of a município")
        return sem_arquivos(self.chamar(Chamada("GET", f"/nfse/info/{municipio}", "o município"), chamadas).corpo)

    def backup(self, ano: int, mes: int, *, chamadas: Chamadas) -> Pacote:
        """The package of a month's files, made on the first Sunday of the next one; its link is empty before."""
        return pedir_pacote(self, BACKUP, {"ano": str(ano), "mes": str(mes)}, chamadas)

    def offline(self, *, chamadas: Chamadas) -> Pagina:
        """The notes still being processed."""
        pagina = pagina_de(self.chamar(OFFLINE, chamadas))
        return replace(pagina, notas=tuple(replace(nota, estado=Estado.PROCESSANDO) for nota in pagina.notas))

    def _por_chave(self, chave: str, chamadas: Chamadas) -> NotaNoServico | None:
        chave = chave_para_rota(chave)
        chamada = Chamada("GET", f"/nfse/{chave}", "a nota", depois=_MESMO_NUMERO)
        try:
            return nota_de(self.chamar(chamada, chamadas), chave=chave)
        except ProviderRefused as recusa:
            if nao_existe(recusa):
                return None
            raise


def _emitida(chamada: Chamada, envelope: Envelope) -> NotaNoServico:
    if envelope.codigo == codigos.PROCESSANDO and not envelope.chave:
        ilegivel(chamada, envelope.palavras, status=envelope.status)  # accepted, with nothing to follow it by
    return nota_de(envelope)


def _pdf(chamada: Chamada, envelope: Envelope) -> bytes:
    try:
        conteudo = arquivo(envelope.corpo.get("pdf"), "pdf")
    except ValueError:
        conteudo = b""
    return conteudo or ilegivel(chamada, envelope.palavras, status=envelope.status)
