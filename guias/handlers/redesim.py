"""The office as contador at the Redesim: whose it is, giving a vínculo up, the receipt of that."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from comum.models import Usuario
from credentials.models import Servico
from guias.ensaio import receita as ensaio
from guias.handlers.base import (
    EmEspera,
    IntegraContadorHandler,
    Sessao,
    SessaoEmEspera,
    desde_o_primeiro_envio,
    empresa_de,
)
from guias.handlers.telas import PROCESSOS, RENUNCIAS
from guias.models import ConsultaRedesim
from guias.models import Renuncia as RenunciaGuardada
from guias.providers import pnr
from guias.providers.pnr import Renuncia, VinculoNaRedesim
from guias.services import redesim
from guias.services.pedidos import Pedido, partes_de
from operacoes.ensaio import NoLivro, Palco, PelaTela
from operacoes.errors import OutcomeUnknown, ProviderError, ProviderRefused
from operacoes.handlers import (
    Aceita,
    Aconteceu,
    Conferencia,
    NaoAconteceu,
    PrecisaDePessoa,
    ProximaAcao,
    Repeticao,
    registrar,
)
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.motor import NovaOperacao

# The service asks for 30 s before its situation is looked at; every look is a charged call.
_ESPERAS = tuple(timedelta(seconds=s) for s in (35, 120, 600, 3600, 6 * 3600, 12 * 3600))

# "No active vínculo": also said while a renúncia of the same vínculo waits for its decision.
_SEM_VINCULO = "PNRCONTADOR-101"


class _DoContador(IntegraContadorHandler):
    """Asked by the office about itself: the three parties are the contratante."""

    servico_do_vinculo = Servico.PROCESSOS

    def poderes(self) -> frozenset[str]:
        return frozenset()

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return {operacao.pk: Repeticao(operacao.pedido, operacao.acesso) for operacao in operacoes}

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir Redesim e processos", reverse("guias:processos"), em_qualquer_mes=True)


@registrar
class ConsultarVinculos(_DoContador):
    """Ask which empresas name the office as their contador: all pages, each charged."""

    tipo, rotulo = redesim.VINCULOS, "Consultar vínculos na Redesim"
    tela = replace(PROCESSOS, filtra=False)  # asked of a credencial, of no empresa
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Redesim: não há o que procurar lá. Basta consultar de novo."

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[VinculoNaRedesim]:
        return pnr.vinculos(sessao.cliente, partes_de(pedido), chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: list[VinculoNaRedesim]) -> dict[str, Any]:
        ConsultaRedesim.objects.create(
            credencial_id=operacao.pedido["credencial"],
            vinculos=[
                {"cnpj": v.cnpj, "tipo": v.tipo, "situacao": v.situacao, "uf": v.uf, "municipio": v.municipio}
                for v in resposta
            ],
            operacao=operacao,
            consultada_em=timezone.now(),
        )
        return {"vinculos": len(resposta)}

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.consultas_de_vinculos(palco, quantas)


@registrar
class ConsultarRenuncias(_DoContador):
    """Ask which renúncias of the office took effect: all pages, each charged."""

    tipo, rotulo = redesim.RENUNCIAS, "Consultar renúncias na Redesim"
    tela = RENUNCIAS
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA
    prova = ""
    onde_conferir = "Uma consulta não muda nada na Redesim: não há o que procurar lá. Basta consultar de novo."

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> list[Renuncia]:
        feitas, _ = pnr.renuncias(sessao.cliente, partes_de(pedido), chamadas=chamadas)
        return feitas

    def aplicar(self, operacao: Operacao, resposta: list[Renuncia]) -> dict[str, Any]:
        return redesim.guardar_renuncias(operacao, resposta)

    def depois(self, run: Processamento) -> ProximaAcao:
        return ProximaAcao("", "Abrir renúncias", reverse("guias:renuncias"), em_qualquer_mes=True)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.consultas_de_renuncias(palco, quantas)


@registrar
class RenunciarVinculo(_DoContador, EmEspera):
    """Ask to give up the vínculo with an empresa, then what was decided. It cannot be taken back."""

    tipo, rotulo = "guias.redesim.renunciar", "Renunciar ao vínculo de contador"
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    efeito_no_livro = "renuncia_pedida"
    prova = "A lista de renúncias da Redesim mostra a da empresa, feita desde o envio."
    onde_conferir = (
        "No portal da Redesim, área do contador, Renúncias: a renúncia ao CNPJ desta empresa, com número e data."
    )
    numero_da_prova = "Número da renúncia"

    def chamadas_previstas(self, pedido: Mapping[str, Any]) -> Sequence[Classe]:
        """With one look at what was decided."""
        return (Classe.DECLARACAO, Classe.CONSULTA)

    def enviar(self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas) -> Aceita | Renuncia:
        try:
            solicitacao = pnr.renunciar(
                sessao.cliente, partes_de(pedido), pedido["cnpj"], pedido["responsavel"], chamadas=chamadas
            )
        except ProviderRefused as recusa:
            if sessao.primeiro_envio is None:
                raise
            try:
                achada = _procurar(pedido, sessao, chamadas)
            except ProviderError as erro:
                raise OutcomeUnknown(
                    "A Redesim recusou o reenvio, e não foi possível conferir se o envio anterior aconteceu: "
                    f"{erro.mensagem}",
                    codigo=recusa.codigo,
                    texto=recusa.texto,
                ) from erro
            if achada is not None:
                return achada
            if not recusa.codigo.endswith(_SEM_VINCULO):
                raise
            dita = {"recusa": recusa.mensagem, "codigo": recusa.codigo, "texto": recusa.texto}
            return Aceita(_ESPERAS[0], {**dita, "olhadas": 0})
        return Aceita(_ESPERAS[0], {"solicitacao": solicitacao, "olhadas": 0})

    def conferir(self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas) -> Conferencia:
        achada = _procurar(pedido, sessao, chamadas)
        return NaoAconteceu("A Redesim não tem a renúncia.") if achada is None else Aconteceu(achada)

    def acompanhar(
        self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas
    ) -> Aceita | PrecisaDePessoa | Renuncia:
        guardado = sessao.guardado
        if "recusa" in guardado:
            return self._acompanhar_a_anterior(pedido, sessao, chamadas)
        lida = pnr.situacao(sessao.cliente, partes_de(pedido), str(guardado["solicitacao"]), chamadas=chamadas)
        if lida.feita is not None:
            return lida.feita
        olhadas = int(guardado.get("olhadas", 0)) + 1
        if olhadas >= len(_ESPERAS):
            return PrecisaDePessoa(f"A Redesim ainda não efetuou a renúncia: {lida.texto or 'sem explicação.'}")
        return Aceita(_ESPERAS[olhadas], {**guardado, "olhadas": olhadas, "texto": lida.texto[:500]})

    def _acompanhar_a_anterior(self, pedido: Pedido, sessao: SessaoEmEspera, chamadas: Chamadas) -> Aceita | Renuncia:
        """An earlier sending, whose answer was lost, may be what the repeat was refused for: it shows in the list once
        it is decided. If it never does, the refusal was meant."""
        guardado = sessao.guardado
        achada = _procurar(pedido, sessao, chamadas)
        if achada is not None:
            return achada
        olhadas = int(guardado["olhadas"]) + 1
        if olhadas >= len(_ESPERAS):
            raise ProviderRefused(guardado["recusa"], codigo=guardado["codigo"], texto=guardado["texto"])
        return Aceita(_ESPERAS[olhadas], {**guardado, "olhadas": olhadas})

    def aplicar(self, operacao: Operacao, resposta: Renuncia) -> dict[str, Any]:
        RenunciaGuardada.objects.get_or_create(
            numero=resposta.numero,
            defaults={
                "empresa": empresa_de(operacao),
                "credencial_id": operacao.pedido["credencial"],
                "feita_em": resposta.feita_em,
            },
        )
        return {"numero": str(resposta.numero)}

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        limpo = numero.strip()
        if limpo.isdecimal() and len(limpo) < 19:
            return ""
        return "O número da renúncia só tem algarismos. Copie-o da lista de renúncias."

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        cnpj = operacao.pedido["cnpj"]
        return self.aplicar(operacao, Renuncia(int(evidencia.strip()), cnpj, timezone.now()))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.renuncias(palco, quantas)

    def pela_tela(self, novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
        return ensaio.pela_tela_da_renuncia(novas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.no_livro(operacao, self.efeito_no_livro, documento=operacao.pedido["cnpj"])


def _procurar(pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Renuncia | None:
    """The renúncia of this empresa, made since the first sending."""
    feitas, agora = pnr.renuncias(sessao.cliente, partes_de(pedido), chamadas=chamadas)
    desde = desde_o_primeiro_envio(sessao, agora)
    novas = [feita for feita in feitas if feita.cnpj == pedido["cnpj"] and feita.feita_em >= desde]
    return max(novas, key=lambda feita: feita.numero, default=None)


@registrar
class EmitirComprovante(_DoContador):
    """Draw the receipt of a renúncia and keep it."""

    tipo, rotulo = "guias.redesim.comprovante", "Emitir comprovante de renúncia"
    efeito, classe = Efeito.DOCUMENTO, Classe.EMISSAO
    opcional = True
    efeito_no_livro = "comprovante_de_renuncia"
    prova = ""
    onde_conferir = (
        "No portal da Redesim, área do contador, Renúncias: baixe o comprovante e anexe-o aqui, ou peça-o de novo."
    )
    numero_da_prova = ""
    arquivo_da_prova = "Comprovante de renúncia (PDF)"

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> bytes:
        return pnr.comprovante(sessao.cliente, partes_de(pedido), pedido["numero"], chamadas=chamadas)

    def aplicar(self, operacao: Operacao, resposta: bytes) -> dict[str, Any]:
        renuncia = RenunciaGuardada.objects.select_for_update().get(pk=operacao.pedido["renuncia"])
        renuncia.comprovante = guardar(
            resposta,
            empresa=empresa_de(operacao),
            tipo=Documento.Tipo.RENUNCIA,
            nome=f"RENUNCIA-{renuncia.numero}.pdf",
            competencia=timezone.localdate(renuncia.feita_em),
            referencia=str(renuncia.numero),
        )
        renuncia.save(update_fields=["comprovante"])
        return {"numero": str(renuncia.numero), "documentos": [str(renuncia.comprovante.pk)]}

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, arquivo)

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.comprovantes(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        cnpj = RenunciaGuardada.objects.values_list("empresa__documento", flat=True).get(pk=operacao.pedido["renuncia"])
        return ensaio.no_livro(operacao, self.efeito_no_livro, documento=cnpj)
