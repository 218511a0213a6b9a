"""What the Sefin and the ADN say when they refuse, whatever the shape it comes in, and what it means for people.

Seen so far: `erros` or `erro`, a list or one object, keys in any case, items that are empty, a bare list in the place
of the body, and a text in `erro` written by a proxy, which is no refusal of anybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Classe(StrEnum):
    """What a refusal asks for."""

    CORRIGIR = "corrigir"  # a person corrects
    REPETIR = "repetir"  # passing: the same bytes again, after asking whether it happened
    CONCILIAR = "conciliar"  # the service says that it already has it: ask by the Id of the DPS
    ACESSO = "acesso"  # the certificate


@dataclass(frozen=True)
class Recado:
    """One message. `codigo` as the service writes it, in upper case; empty when it has none."""

    codigo: str
    texto: str
    complemento: str = ""

    @property
    def palavras(self) -> str:
        """The service's own words."""
        return " ".join(parte for parte in (self.codigo, self.texto, self.complemento) if parte)

    @property
    def classe(self) -> Classe:
        return next((classe for classe, codigos in _CLASSES.items() if self.codigo in codigos), Classe.CORRIGIR)

    @property
    def em_portugues(self) -> str:
        """What is wrong and what to do; the service's words for a code that nobody here knows."""
        if self.codigo == _FORA_DA_TABELA:
            ditas = " ".join(parte for parte in (self.texto, self.complemento) if parte) or "nada mais foi dito"
            return f"A Receita recusou por um motivo fora da tabela dela ({ditas}). Confira a nota antes de repetir."
        return _O_QUE_FAZER.get(self.codigo) or self.palavras


_CLASSES = {
    Classe.REPETIR: frozenset({"E1206", "E1217"}),
    Classe.CONCILIAR: frozenset({"E0014"}),
    Classe.ACESSO: frozenset({"E1200", "E1203", "E1205", "E1207", "E1208", "E1209"}),
}
_FORA_DA_TABELA = "E999"
# Anexo I of the layout and the reception codes of the Sefin, in our words: what is wrong, where, what next.
_O_QUE_FAZER = {
    "E0004": "O identificador da DPS não corresponde aos dados dela. Envie a nota de novo.",
    "E0006": "A nota é de outro ambiente (produção ou testes). Confira os endereços na configuração do servidor.",
    "E0008": "A emissão está adiante do relógio da Receita. Confira o relógio deste servidor e envie de novo.",
    "E0010": "A série não é de programa próprio (1 a 49999). Troque-a no canal da empresa.",
    "E0014": "A Receita já tem uma nota com esta série e este número. O Guichê consulta qual é antes de repetir.",
    "E0015": "A data do serviço é depois da emissão. Corrija a data do serviço.",
    "E0016": "O município ainda não usava a NFS-e nacional na data do serviço. Confira a data ou emita pelo município.",
    "E0018": "O CNPJ do emitente ainda não existia na data do serviço. Confira a data.",
    "E0029": "Só nota emitida pelo tomador diz a nota rejeitada. Apague a chave da nota rejeitada.",
    "E0037": "O município do emitente não tem convênio com a NFS-e nacional. Emita pelo sistema do município.",
    "E0038": "O convênio do município do emitente não está ativo. Emita pelo sistema do município.",
    "E0039": "O município do emitente não usa o emissor nacional. Emita pelo sistema do município.",
    "E0042": "A chave da nota substituída está errada. Confira-a.",
    "E0044": "A nota a substituir não existe na NFS-e nacional. Confira a chave.",
    "E0046": "A nota a substituir já foi cancelada. Emita uma nota nova, sem substituição.",
    "E0050": "Passou o prazo do município para substituir a nota. Peça a análise fiscal do cancelamento.",
    "E0056": "A substituição precisa do tomador identificado. Informe-o.",
    "E0058": "A substituição mudou um dado que não pode mudar. Cancele a nota e emita outra.",
    "E0060": "A substituição mudou um dado que não pode mudar. Cancele a nota e emita outra.",
    "E0061": "A substituição mudou um dado que não pode mudar. Cancele a nota e emita outra.",
    "E0065": "A nota a substituir foi gerada por outro sistema. Substitua-a lá.",
    "E0068": "Há um pedido de análise fiscal em curso sobre a nota. Espere a resposta do município.",
    "E0070": "O tomador já confirmou a nota, que não pode mais ser substituída. Fale com ele e com o município.",
    "E0072": "A nota já foi confirmada por decurso de prazo, e não pode mais ser substituída. Fale com o município.",
    "E0074": "A nota a substituir já foi rejeitada por quem a recebeu, e não pode mais ser substituída. Cancele-a "
    "e emita outra.",
    "E0076": "A nota a substituir está bloqueada pelo município. Fale com ele antes de repetir.",
    "E0078": "Falta descrever o motivo da substituição. Escreva-o com 15 a 255 letras e substitua de novo.",
    "E0080": "O CNPJ do emitente está errado. Acerte o cadastro da empresa.",
    "E0082": "O emitente não foi achado no cadastro da Receita. Acerte o cadastro da empresa.",
    "E0084": "O município do emitente não é o do cadastro da Receita. Acerte o cadastro da empresa.",
    "E0096": "O CPF do emitente está errado. Acerte o cadastro.",
    "E0116": "O município exige a inscrição municipal do emitente. Informe-a no canal da empresa.",
    "E0119": "A inscrição municipal não está autorizada a emitir. Fale com o município.",
    "E0120": "O município não registrou inscrição municipal do emitente. Apague-a do canal da empresa.",
    "E0121": "Nota emitida pelo prestador não leva o nome dele. Avise quem cuida do Guichê.",
    "E0124": "A inscrição municipal do emitente está inativa. Fale com o município.",
    "E0128": "Nota emitida pelo prestador não leva o endereço dele. Avise quem cuida do Guichê.",
    "E0148": "Telefone ou e-mail fora do formato. Confira os contatos.",
    "E0160": "A situação no Simples Nacional não é a do cadastro da Receita neste mês. Confira o regime da empresa.",
    "E0162": "A forma de apurar o Simples só vale para ME e EPP optante. Confira o regime da empresa.",
    "E0166": "Falta a forma de apurar o Simples Nacional. Informe-a no canal da empresa.",
    "E0172": "Operação não tributável não leva regime especial. Deixe-o em branco.",
    "E0174": "O MEI não tem regime especial de tributação. Deixe-o em branco no canal da empresa.",
    "E0175": "Quem apura o ISS no Simples não tem regime especial. Deixe-o em branco no canal da empresa.",
    "E0177": "O município não admite este regime especial. Confira-o com o município.",
    "E0178": "O município não admite este regime especial. Confira-o com o município.",
    "E0188": "O CNPJ do tomador está errado. Confira-o.",
    "E0190": "O CNPJ do tomador não foi achado no cadastro da Receita. Confira-o.",
    "E0202": "O tomador não pode ser quem emite a nota. Confira o documento.",
    "E0204": "Quem retém o ISS precisa estar identificado. Informe o tomador.",
    "E0206": "O CPF do tomador está errado. Confira-o.",
    "E0207": "O CPF do tomador não foi achado no cadastro da Receita. Confira-o.",
    "E0226": "Falta o motivo de o tomador do exterior não ter número fiscal (NIF). Escolha-o no cadastro dele.",
    "E0234": "O ISS é devido onde está o tomador: o endereço dele é obrigatório. Complete o cadastro dele.",
    "E0235": "Tomador com CNPJ precisa de endereço. Complete o cadastro dele.",
    "E0237": "Quem retém o ISS precisa de endereço. Complete o cadastro do tomador.",
    "E0240": "O CEP não é do município do tomador. Confira os dois.",
    "E0302": "O município da prestação não existe na tabela do IBGE. Escolha outro.",
    "E0310": "O código de tributação nacional não existe, ou o município não o administra. Confira o serviço.",
    "E0312": "O código de tributação municipal não é deste serviço. Confira-o com o município.",
    "E0314": "O município pede o código de tributação municipal deste serviço. Informe-o.",
    "E0316": "O código NBS não existe. Confira-o na tabela da NBS 2.0.",
    "E0318": "Exportação de serviço precisa do código NBS. Informe-o.",
    "E0320": "Importação de serviço precisa do código NBS. Informe-o.",
    "E0322": "Nota com IBS e CBS precisa do código NBS. Informe-o.",
    "E0330": "Os dados de comércio exterior vão em exportação ou importação, e só nelas. Preencha-os ou apague-os.",
    "E0370": "Este serviço é de obra: informe os dados dela.",
    "E0372": "Este serviço não é de obra: apague os dados dela.",
    "E0390": "Este serviço é de evento: informe os dados dele.",
    "E0392": "Este serviço não é de evento: apague os dados dele.",
    "E0424": "Valor recebido só se informa em nota emitida pelo intermediário. Apague-o.",
    "E0427": "Descontos, deduções e benefício passam do valor do serviço. Confira-os.",
    "E0428": "Descontos, deduções e retenções passam do valor do serviço. Confira-os.",
    "E0431": "O desconto incondicionado tem de ser maior que zero e menor que o serviço. Confira-o.",
    "E0432": "O desconto condicionado tem de ser maior que zero e menor que o serviço. Confira-o.",
    "E0435": "Nota imune, de exportação ou sem incidência não leva dedução. Apague-a.",
    "E0436": "O MEI não usa dedução nem redução da base. Apague-a.",
    "E0438": "Com regime especial de tributação a nota não leva dedução. Apague-a.",
    "E0439": "Com benefício municipal de isenção a nota não leva dedução. Apague uma das duas coisas.",
    "E0440": "O município não admite este modo de deduzir para o serviço. Confira os parâmetros do município no canal.",
    "E0441": "Quem apura o ISS no Simples não deduz deste serviço, no município. Apague a dedução.",
    "E0442": "Quem apura o ISS no Simples não deduz deste modo. Informe a dedução de outro modo, ou apague-a.",
    "E0444": "A dedução deixaria o ISS abaixo de 2 % do serviço. Diminua-a.",
    "E0446": "O município não admite dedução em reais neste serviço. Use percentual ou documentos, ou apague-a.",
    "E0447": "A dedução deixaria o ISS abaixo de 2 % do serviço. Diminua-a.",
    "E0449": "O município não admite dedução por documentos neste serviço. Use valor ou percentual, ou apague-a.",
    "E0453": "O percentual da dedução vai de mais que 0 a 100. Confira-o.",
    "E0454": "O município não admite dedução em percentual neste serviço. Use valor ou documentos, ou apague-a.",
    "E0455": "A chave de uma NFS-e da dedução está errada. Copie-a da nota.",
    "E0456": "Uma NFS-e da dedução não existe na NFS-e nacional. Confira a chave, ou informe-a como nota do município.",
    "E0458": "Uma NFS-e da dedução foi cancelada. Tire-a da lista.",
    "E0460": "A chave de uma NF-e da dedução está errada. Copie-a da nota.",
    "E0462": "Uma NF-e da dedução não existe. Confira a chave.",
    "E0464": "Uma NF-e da dedução foi cancelada. Tire-a da lista.",
    "E0466": "O município de uma nota da dedução não existe na tabela do IBGE. Escolha outro.",
    "E0468": "A dedução de tipo 99 vai com a descrição dela. Escreva-a.",
    "E0470": "A descrição da dedução só vai com o tipo 99. Apague-a.",
    "E0472": "Um documento da dedução é de depois da data do serviço. Confira as datas.",
    "E0474": "O deduzido passa do que o documento deixa deduzir. Confira os dois valores.",
    "E0476": "O deduzido passa do valor do serviço. Confira-o.",
    "E0477": "Este tipo de dedução pede o fornecedor do documento. Informe-o na lista de documentos.",
    "E0478": "O CNPJ de um fornecedor da dedução está errado. Confira-o.",
    "E0482": "O CNPJ de um fornecedor da dedução não foi achado no cadastro da Receita. Confira-o.",
    "E0484": "O CPF de um fornecedor da dedução está errado. Confira-o.",
    "E0488": "O CPF de um fornecedor da dedução não foi achado no cadastro da Receita. Confira-o.",
    "E0492": "Fornecedor com CPF ou CNPJ vai com o endereço. Complete-o na lista de documentos.",
    "E0494": "O município de um fornecedor da dedução não existe na tabela do IBGE. Escolha outro.",
    "E0496": "O CEP de um fornecedor da dedução não existe ou não é do município dele. Confira os dois.",
    "E0529": "A tributação do ISS não combina com o lugar e o país do serviço. Confira as duas coisas na nota.",
    "E0530": "A tributação do ISS não combina com o lugar e o país do serviço. Confira as duas coisas na nota.",
    "E0532": "A tributação do ISS não combina com o lugar e o país do serviço. Confira as duas coisas na nota.",
    "E0533": "O benefício municipal não se usa nesta nota. Apague-o ou confira o número com o município.",
    "E0539": "A tributação do ISS não combina com o lugar e o país do serviço. Confira as duas coisas na nota.",
    "E0580": "Operação não tributável não tem ISS retido. Desmarque a retenção.",
    "E0583": "O ISS do MEI não é retido. Desmarque a retenção.",
    "E0585": "Exigibilidade suspensa só vale para operação tributável. Apague o processo ou mude a tributação.",
    "E0587": "O benefício municipal não se usa nesta nota. Apague-o ou confira o número com o município.",
    "E0588": "Com regime especial de tributação o ISS não é retido. Desmarque a retenção.",
    "E0589": "Com a exigibilidade suspensa o ISS não é retido. Desmarque a retenção.",
    "E0590": "Falta o país em que se verificou o resultado do serviço exportado. Informe-o.",
    "E0591": "O país do resultado só vale para exportação. Apague-o.",
    "E0592": "Nota imune diz o tipo de imunidade, e só ela. Escolha-o ou apague-o.",
    "E0593": "O tipo de imunidade não pode ficar sem definição. Escolha um.",
    "E0595": "A alíquota do ISS passa de 5 %. Confira-a.",
    "E0600": "O MEI não informa alíquota. Confira o regime da empresa.",
    "E0602": "Operação não tributável não leva alíquota. Apague-a.",
    "E0604": "Com regime especial de tributação a nota não leva alíquota. Apague-a.",
    "E0606": "Com a exigibilidade suspensa a nota não leva alíquota. Apague-a.",
    "E0617": "A alíquota é a do município, que o sistema nacional já sabe. Confira os parâmetros do município.",
    "E0619": "O município não informa a alíquota ao sistema nacional: informe-a na nota.",
    "E0621": "Nota do Simples com ISS retido precisa da alíquota. Informe-a.",
    "E0625": "Nota do Simples sem retenção não leva alíquota. Confira a retenção.",
    "E0628": "Nota do Simples com ISS retido precisa da alíquota. Informe-a.",
    "E0631": "Nota do Simples sem retenção não leva alíquota. Confira a retenção.",
    "E0635": "A alíquota é a do município, que o sistema nacional já sabe. Confira os parâmetros do município.",
    "E0640": "O município não informa a alíquota ao sistema nacional: informe-a na nota.",
    "E0667": "O município não admite que pessoa física retenha o ISS. Desmarque a retenção.",
    "E0675": "Emitente com CPF não informa tributos federais. Apague-os.",
    "E0676": "O MEI não informa tributos federais. Apague-os.",
    "E0678": "Falta a base de cálculo do PIS e da COFINS. Informe-a.",
    "E0682": "A base do PIS e da COFINS vai de zero ao valor do serviço. Confira-a.",
    "E0688": "Com este CST a alíquota do PIS e da COFINS é zero. Confira-a.",
    "E0694": "O valor do PIS não é base vezes alíquota. Confira-o.",
    "E0696": "O valor da COFINS não é base vezes alíquota. Confira-o.",
    "E0699": "A contribuição previdenciária retida tem de ser maior que zero e menor que o serviço. Confira-a.",
    "E0700": "O IR retido tem de ser maior que zero e menor que o serviço. Confira-o.",
    "E0701": "A soma de PIS, COFINS e CSLL retidos não está coerente. Confira as retenções.",
    "E0710": "O MEI não informa a alíquota do Simples nos tributos aproximados. Apague-a no canal da empresa.",
    "E0712": "ME e EPP do Simples informam os tributos aproximados. Preencha-os no canal da empresa.",
    "E0713": "Fora do Simples os tributos aproximados vão em percentuais. Preencha-os no canal da empresa.",
    "E0714": "A assinatura da nota não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E0715": "O certificado que assinou não foi aceito. Envie um certificado A1 em vigor, da ICP-Brasil.",
    "E0716": "O certificado que assinou não foi aceito. Envie um certificado A1 em vigor, da ICP-Brasil.",
    "E0717": "A nota chegou sem assinatura. Envie-a de novo.",
    "E0718": "Quem assinou não é o emitente da nota. Envie o certificado A1 deste CNPJ.",
    "E0822": "Passou o prazo do município para cancelar a nota. Peça a análise fiscal do cancelamento.",
    "E0823": "O valor da nota passa do limite do município para cancelar. Peça a análise fiscal do cancelamento.",
    "E0840": "A nota já foi cancelada ou substituída. Confira a situação dela antes de repetir.",
    "E0845": "Já há uma solicitação de análise fiscal desta nota. Espere a resposta do município.",
    "E0848": "A nota está bloqueada para este pedido. Confira a situação dela e fale com o município.",
    "E0850": "IBS e CBS não se declaram antes de 2026. Confira a data do serviço.",
    "E0940": "A chave de um documento do reembolso está errada. Copie-a dele.",
    "E0942": "De 2026 em diante o documento fiscal do reembolso vai pela chave nacional. Confira a competência dele.",
    "E0943": "O município de um documento do reembolso está errado. Escolha outro.",
    "E0945": "O CNPJ de um fornecedor do reembolso está errado. Confira-o.",
    "E0946": "O CNPJ de um fornecedor do reembolso não foi achado no cadastro da Receita. Confira-o.",
    "E0947": "O CPF de um fornecedor do reembolso está errado. Confira-o.",
    "E0948": "O CPF de um fornecedor do reembolso não foi achado no cadastro da Receita. Confira-o.",
    "E0950": "A competência de um documento do reembolso passa da emissão dele. Confira as datas.",
    "E0951": "A competência de um documento do reembolso passa da emissão dele. Confira as datas.",
    "E0952": "A descrição do reembolso só vai com o tipo 99. Apague-a.",
    "E0953": "Um reembolso passa do valor do serviço. Confira-o.",
    "E0959": "A classificação tributária não é da situação tributária (CST) informada. Confira as duas.",
    "E1200": "O certificado não foi aceito pela Receita. Envie outro certificado A1 da ICP-Brasil.",
    "E1203": "O certificado venceu. Envie o renovado.",
    "E1205": "A cadeia do certificado não foi reconhecida. Exporte o .pfx de novo, com a cadeia inteira.",
    "E1206": "A Receita não conseguiu conferir o certificado agora. O Guichê tenta de novo.",
    "E1207": "O certificado foi revogado. Envie outro.",
    "E1208": "O certificado não é da ICP-Brasil. Envie um certificado A1 da ICP-Brasil.",
    "E1209": "O certificado não traz CNPJ nem CPF. Envie um e-CNPJ A1.",
    "E1217": "A NFS-e nacional está em manutenção. O Guichê tenta de novo.",
    "E1225": "A Receita não conseguiu abrir o arquivo da nota. Envie de novo e, se continuar, avise quem cuida do "
    "Guichê.",
    "E1226": "A Receita recebeu um XML mal formado. Envie de novo e, se continuar, avise quem cuida do Guichê.",
    "E1228": "A Receita recusou um prefixo no XML. Avise quem cuida do Guichê.",
    "E1229": "A Receita recusou as letras do XML (não são UTF-8). Avise quem cuida do Guichê.",
    "E1235": "O XML não passou no schema oficial. Avise quem cuida do Guichê.",
    "E1301": "A Receita não conseguiu fechar os valores do ISS desta nota. Confira a tributação e a situação no "
    "Simples e envie de novo.",
    "E1302": "A Receita não conseguiu fechar os valores do ISS desta nota. Confira a tributação e a situação no "
    "Simples e envie de novo.",
    "E1303": "A Receita não conseguiu fechar os valores do ISS desta nota. Confira a tributação e a situação no "
    "Simples e envie de novo.",
    "E1305": "A Receita não conseguiu fechar os valores do ISS desta nota. Confira a tributação e a situação no "
    "Simples e envie de novo.",
    "E1307": "A Receita não conseguiu fechar os valores do ISS desta nota. Confira a tributação e a situação no "
    "Simples e envie de novo.",
    "E1311": "A Receita não conseguiu fechar os valores do ISS desta nota. Confira a tributação e a situação no "
    "Simples e envie de novo.",
    "E1508": "Descontos e retenções passam do valor do serviço: o líquido ficaria negativo. Confira-os.",
    "E1534": "Os reembolsos somados têm de ficar abaixo do valor do serviço. Confira-os.",
    "E1827": "O identificador do pedido não corresponde aos dados dele. Peça de novo.",
    "E1829": "O identificador do pedido é de outro tipo de evento. Peça de novo.",
    "E1831": "A nota do pedido não existe na NFS-e nacional. Confira a chave.",
    "E1833": "Quem pede já se manifestou sobre esta nota, e só o faz uma vez. Confira os eventos dela.",
    "E1843": "A data do pedido está adiante do relógio da Receita. Confira o relógio deste servidor.",
    "E1845": "O pedido é de outro ambiente (produção ou testes). Confira os endereços na configuração do servidor.",
    "E1980": "O pedido chegou sem assinatura. Peça de novo.",
    "E1981": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1982": "O certificado que assinou o pedido não está em vigor. Envie um certificado A1 em vigor.",
    "E1983": "O certificado que assinou o pedido não é da ICP-Brasil. Envie um certificado A1 da ICP-Brasil.",
    "E1984": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1985": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1986": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1987": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1988": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1989": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1990": "A assinatura do pedido não foi aceita. Troque NFSE_NACIONAL_ASSINATURA na configuração do servidor.",
    "E1991": "Quem assinou o pedido não é o emitente da nota. Envie o certificado A1 deste CNPJ.",
    "E9996": "Por ora só o prestador emite no sistema nacional. Emita pela empresa que prestou o serviço.",
}


def sem_caixa(valor: Any) -> Any:
    """The same value with the keys of every object in lower case: the services do not keep to one."""
    if isinstance(valor, Mapping):
        return {str(nome).lower(): sem_caixa(dentro) for nome, dentro in valor.items()}
    return [sem_caixa(item) for item in valor] if isinstance(valor, list) else valor


def ler_recados(corpo: Any) -> tuple[Recado, ...]:
    """The messages of a body already without case. Empty: nobody refused anything."""
    achados: list[Any] = []
    if isinstance(corpo, Mapping):
        for nome in ("erros", "erro"):
            valor = corpo.get(nome)
            achados += valor if isinstance(valor, list) else [valor]
    elif isinstance(corpo, list):
        achados = corpo
    return tuple(recado for item in achados if (recado := _recado(item)) is not None)


def _recado(item: Any) -> Recado | None:
    if not isinstance(item, Mapping):
        return None
    codigo, texto, complemento = (_texto(item.get(nome)) for nome in ("codigo", "descricao", "complemento"))
    texto = texto or _texto(item.get("mensagem"))
    return Recado(codigo.upper(), texto, complemento) if codigo or texto else None


def _texto(valor: Any) -> str:
    return str(valor).strip() if isinstance(valor, str | int) and not isinstance(valor, bool) else ""


def classe_de(recados: Iterable[Recado]) -> Classe:
    """What a whole answer asks for: the certificate first, then the doubt about a duplicate, then what a person
    must correct, and a mere repetition only when nothing else is wrong."""
    classes = {recado.classe for recado in recados}
    for classe in (Classe.ACESSO, Classe.CONCILIAR, Classe.CORRIGIR):
        if classe in classes:
            return classe
    return Classe.REPETIR


def em_portugues(recados: Sequence[Recado]) -> str:
    return " ".join(dict.fromkeys(recado.em_portugues.rstrip(".") + "." for recado in recados))
