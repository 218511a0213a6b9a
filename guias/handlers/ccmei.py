"""CCMEI: the certificate, its data, and the CNPJs of the person."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from arquivo.models import Documento
from comum.models import Usuario
from credentials.models import Servico
from guias.ensaio import mei as ensaio
from guias.handlers.base import Leitura, Lido, Sessao
from guias.handlers.respostas import em_json
from guias.providers import ccmei
from guias.services import mei
from guias.services.pedidos import Pedido, partes_de
from operacoes.ensaio import Palco
from operacoes.handlers import ProximaAcao, Repeticao, registrar
from operacoes.http import Chamadas
from operacoes.models import Classe, Operacao, Processamento
from operacoes.motor import NovaOperacao


class _Ccmei(Leitura):
    servico_do_vinculo = Servico.MEI

    def depois(self, run: Processamento) -> ProximaAcao | None:
        return ProximaAcao("", "Voltar ao MEI", reverse("guias:mei"))


@registrar
class EmitirCcmei(_Ccmei):
    """The certificate as PDF. Nothing changes at the Receita: a repeat is only another charge."""

    tipo, rotulo = mei.CERTIFICADO, "Emitir CCMEI"
    classe = Classe.EMISSAO
    opcional = True
    no_catalogo = ccmei.EMITIRCCMEI121

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        partes = partes_de(pedido)
        pdf = ccmei.emitir(sessao.cliente, partes, chamadas=chamadas)
        return Lido({}, pdf, Documento.Tipo.CCMEI, f"CCMEI-{partes.contribuinte}.pdf")

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, mei.PAPEL, quantas)


@registrar
class ConsultarCcmei(_Ccmei):
    """What the certificate says: situation, occupations, the person."""

    tipo, rotulo = mei.DADOS, "Consultar dados do CCMEI"
    classe = Classe.CONSULTA
    no_catalogo = ccmei.DADOSCCMEI122

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        return Lido(em_json(ccmei.dados(sessao.cliente, partes_de(pedido), chamadas=chamadas)))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.perguntas(palco, mei.PERGUNTA, quantas)


@registrar
class ConsultarCnpjsDoMei(_Ccmei):
    """The CNPJs that the person behind the MEI has or had as MEI; the contribuinte is the CPF."""

    tipo, rotulo = mei.SITUACAO_CPF, "Consultar CNPJs do MEI"
    classe = Classe.CONSULTA
    no_catalogo = ccmei.CCMEISITCADASTRAL123

    def enviar(self, pedido: Pedido, sessao: Sessao, chamadas: Chamadas) -> Lido:
        achados = ccmei.cnpjs_do_cpf(sessao.cliente, partes_de(pedido), chamadas=chamadas)
        return Lido({"cnpjs": em_json(achados)})

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """Through today's Vinculo, about the same CPF."""
        feitas = dict(super().repetir(operacoes, usuario))
        for operacao in operacoes:
            if isinstance(repeticao := feitas.get(operacao.pk), Repeticao):
                cpf = operacao.pedido["partes"]["contribuinte"]
                partes = repeticao.pedido["partes"] | {"contribuinte": cpf}
                feitas[operacao.pk] = Repeticao(repeticao.pedido | {"partes": partes}, repeticao.acesso)
        return feitas

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.dos_cpfs(palco, quantas)
