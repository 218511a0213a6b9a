"""The codes of refusal and what they say. The texts are the sandbox's own words for the rules of Anexo I.

Sources: NFS-e Nacional, Anexo I (leiautes e regras, October 2025), description of the API, manual of the taxpayer's
API 1.2; the numbers of E0039, E0312, E0322, E0713, E0823, E0850, E0959, of those about deductions and reimbursements
(E0435 to E0498, E0940 to E0953, E1534) and of the E12xx are known from summaries only.
Which number each finding about a signature of an event has (E1980 to E1991) are the sandbox's own.
"""

from dataclasses import dataclass

TEXTOS = {
    # reception
    "E1200": "Certificado de transmissão inválido.",
    "E1203": "Certificado de transmissão fora da validade.",
    "E1205": "Erro na cadeia de certificação do certificado de transmissão.",
    "E1209": "Certificado de transmissão sem CNPJ ou CPF.",
    "E1217": "Serviço em manutenção.",
    "E1225": "Base64 ou GZip inválido.",
    "E1226": "XML mal formado.",
    "E1228": "XML com prefixo de namespace.",
    "E1229": "XML não está em UTF-8.",
    "E1235": "Falha no esquema XML.",
    "E999": "Erro não catalogado.",
    # the DPS itself
    "E0004": "O Id da DPS difere da concatenação dos campos que o formam.",
    "E0006": "O tipo de ambiente informado difere do ambiente de recepção.",
    "E0008": "A data e hora de emissão da DPS é posterior à do processamento.",
    "E0010": "A série da DPS não pertence à faixa do tipo de emissor.",
    "E0014": "Já existe uma NFS-e gerada a partir desta DPS.",
    "E0015": "A data de competência é posterior à de emissão da DPS.",
    "E0016": "A data de competência é anterior ao convênio do município emissor.",
    "E0018": "A data de competência é anterior à inscrição do CNPJ.",
    "E0029": "Motivo de emissão ou chave de NFS-e rejeitada não se informa quando o emitente é o prestador.",
    "E0037": "O município emissor não é conveniado ao Sistema Nacional NFS-e.",
    "E0038": "O município emissor não está ativo no Sistema Nacional NFS-e.",
    "E0039": "O município emissor não utiliza os emissores públicos nacionais.",
    "E9996": "Tipo de emitente ainda não permitido.",
    # substitution
    "E0042": "A chave da NFS-e substituída é inválida.",
    "E0044": "A NFS-e a substituir não existe.",
    "E0046": "A NFS-e a substituir está cancelada ou substituída.",
    "E0050": "O prazo para substituir a NFS-e terminou.",
    "E0056": "A NFS-e substituta deve identificar o tomador.",
    "E0058": "O emitente da NFS-e substituta difere do da substituída.",
    "E0065": "A NFS-e a substituir foi gerada em outro ambiente.",
    "E0068": "Há solicitação de análise fiscal para cancelamento pendente para a NFS-e.",
    "E0070": "A NFS-e foi confirmada pelo tomador.",
    "E0072": "A NFS-e foi confirmada tacitamente.",
    "E0078": "O motivo da substituição deve ser descrito.",
    # prestador
    "E0080": "O CNPJ do prestador é inválido.",
    "E0082": "O CNPJ do prestador não consta do cadastro.",
    "E0084": "O município do emitente difere do cadastro do CNPJ.",
    "E0096": "O CPF do prestador é inválido.",
    "E0116": "A inscrição municipal do prestador é obrigatória: o município o inscreveu no CNC.",
    "E0119": "A inscrição municipal do prestador não corresponde à do CNC.",
    "E0120": "A inscrição municipal não deve ser informada: o prestador não consta do CNC do município.",
    "E0121": "O nome do prestador não deve ser informado quando ele é o emitente.",
    "E0128": "O endereço do prestador não deve ser informado quando ele é o emitente.",
    "E0160": "A opção pelo Simples Nacional difere da do cadastro na competência.",
    "E0162": "O regime de apuração do Simples Nacional só se informa para ME/EPP optante.",
    "E0166": "O regime de apuração do Simples Nacional é obrigatório para ME/EPP optante.",
    "E0172": "Regime especial de tributação não é permitido para operação não tributável.",
    "E0174": "Regime especial de tributação não é permitido para MEI.",
    "E0175": "Regime especial de tributação não é permitido com o ISSQN apurado no Simples Nacional.",
    "E0178": "O município não admite o regime especial de tributação informado.",
    # tomador
    "E0188": "O CNPJ do tomador é inválido.",
    "E0190": "O CNPJ do tomador não consta do cadastro.",
    "E0202": "O tomador não pode ser o próprio prestador.",
    "E0204": "O tomador deve ser identificado quando há retenção do ISSQN.",
    "E0206": "O CPF do tomador é inválido.",
    "E0207": "O CPF do tomador não consta do cadastro.",
    "E0226": "O motivo para não informar o NIF não pode ser 0.",
    "E0234": "O endereço do tomador é obrigatório: o ISSQN incide no município dele.",
    "E0235": "O endereço do tomador é obrigatório quando ele tem CNPJ.",
    "E0237": "O endereço do tomador é obrigatório quando ele retém o ISSQN.",
    # serviço
    "E0302": "O município da prestação não existe.",
    "E0310": "O código de tributação nacional não existe ou não é administrado pelo município de incidência.",
    "E0312": "O código de tributação municipal é obrigatório ou não existe no município.",
    "E0314": "O código de tributação municipal não deve ser informado: o município não desdobra o código.",
    "E0318": "O código NBS é obrigatório na exportação.",
    "E0320": "O código NBS é obrigatório na importação.",
    "E0322": "O código NBS é obrigatório com o grupo IBSCBS.",
    "E0330": "O grupo de comércio exterior só se informa na exportação ou importação.",
    "E0370": "O grupo obra é obrigatório para o serviço.",
    "E0372": "O grupo obra não deve ser informado para o serviço.",
    "E0390": "O grupo de evento é obrigatório para o serviço.",
    "E0392": "O grupo de evento não deve ser informado para o serviço.",
    # valores
    "E0424": "O valor recebido pelo intermediário só se informa quando ele é o emitente.",
    "E0427": "O valor do serviço é menor que a soma de descontos, deduções e benefícios.",
    "E0428": "O valor do serviço é menor que a soma de descontos, deduções, benefícios e retenções.",
    "E0431": "O desconto incondicionado deve ser maior que zero e menor que o valor do serviço.",
    "E0432": "O desconto condicionado deve ser maior que zero e menor que o valor do serviço.",
    "E0435": "Não há dedução nem redução em operação imune, de exportação ou sem incidência.",
    "E0436": "MEI não pode deduzir nem reduzir a base de cálculo.",
    "E0438": "Não há dedução nem redução em regime especial de tributação.",
    "E0440": "O município não admite dedução ou redução da base de cálculo para o serviço.",
    "E0444": "O percentual de dedução reduz o ISSQN a uma alíquota efetiva menor que 2%.",
    "E0446": "O código de serviço não permite dedução por valor monetário no município.",
    "E0447": "O valor de dedução reduz o ISSQN a uma alíquota efetiva menor que 2%.",
    "E0449": "O código de serviço não permite dedução por documento no município.",
    "E0453": "O percentual de dedução deve ser maior que 0 e até 100%.",
    "E0454": "O código de serviço não permite dedução por percentual no município.",
    "E0455": "A chave da NFS-e da dedução é inválida.",
    "E0456": "A NFS-e da dedução não existe.",
    "E0458": "A NFS-e da dedução está cancelada.",
    "E0460": "A chave da NF-e da dedução é inválida.",
    "E0466": "O município do documento da dedução não existe.",
    "E0468": "A descrição da dedução é obrigatória para o tipo 99.",
    "E0470": "A descrição da dedução não deve ser informada para o tipo.",
    "E0472": "O documento da dedução é posterior à data de competência.",
    "E0474": "O valor deduzido passa do valor dedutível do documento.",
    "E0476": "O valor deduzido passa do valor do serviço.",
    "E0478": "O CNPJ do fornecedor da dedução é inválido.",
    "E0482": "O CNPJ do fornecedor da dedução não consta do cadastro.",
    "E0484": "O CPF do fornecedor da dedução é inválido.",
    "E0490": "O motivo para não informar o NIF do fornecedor não pode ser 0.",
    "E0492": "O endereço nacional do fornecedor é obrigatório quando ele tem CPF ou CNPJ.",
    "E0494": "O município do endereço do fornecedor não existe.",
    "E0498": "O endereço no exterior do fornecedor é obrigatório quando ele tem NIF.",
    "E0529": "A tributação do ISSQN não corresponde à operação.",
    "E0533": "O benefício municipal não existe no município ou não vale na competência.",
    "E0580": "Não há retenção do ISSQN em operação não tributável.",
    "E0583": "Não há retenção do ISSQN de MEI.",
    "E0585": "Exigibilidade suspensa só se informa em operação tributável.",
    "E0588": "Não há retenção do ISSQN em regime especial de tributação.",
    "E0589": "Não há retenção do ISSQN com a exigibilidade suspensa.",
    "E0590": "O país do resultado é obrigatório na exportação.",
    "E0591": "O país do resultado só se informa na exportação.",
    "E0592": "O tipo de imunidade se informa quando, e só quando, a operação é imune.",
    "E0593": "O tipo de imunidade não pode ser 0.",
    "E0595": "A alíquota do ISSQN não pode passar de 5%.",
    "E0600": "A alíquota não deve ser informada por MEI.",
    "E0602": "A alíquota não deve ser informada em operação não tributável.",
    "E0604": "A alíquota não deve ser informada em regime especial de tributação.",
    "E0606": "A alíquota não deve ser informada com a exigibilidade suspensa.",
    "E0617": "A alíquota não deve ser informada: o município de incidência é conveniado e tem a sua.",
    "E0619": "A alíquota é obrigatória: o município de incidência não é conveniado.",
    "E0621": "A alíquota é obrigatória: ME/EPP com o ISSQN no Simples Nacional e retenção.",
    "E0625": "A alíquota não deve ser informada: ME/EPP com o ISSQN no Simples Nacional, sem retenção.",
    "E0635": "A alíquota não deve ser informada: ISSQN fora do Simples Nacional e município de incidência conveniado.",
    "E0640": "A alíquota é obrigatória: ISSQN fora do Simples Nacional e município de incidência não conveniado.",
    "E0667": "O município não admite a retenção do ISSQN por pessoa física.",
    "E0676": "Tributos federais não devem ser informados por MEI.",
    "E0678": "A base de cálculo do PIS/COFINS é obrigatória para o CST.",
    "E0682": "A base de cálculo do PIS/COFINS deve ser maior que zero e não passar do valor do serviço.",
    "E0688": "A alíquota do PIS/COFINS deve ser zero para o CST.",
    "E0694": "O valor do PIS difere de base vezes alíquota.",
    "E0696": "O valor da COFINS difere de base vezes alíquota.",
    "E0699": "A contribuição previdenciária retida deve ser maior que zero e menor que o valor do serviço.",
    "E0700": "O IRRF retido deve ser maior que zero e menor que o valor do serviço.",
    "E0701": "O total retido de PIS, COFINS e CSLL deve ser coerente com o tipo de retenção, maior que zero e menor "
    "que o valor do serviço.",
    "E0710": "MEI não informa o percentual de tributos do Simples Nacional.",
    "E0712": "ME/EPP optante deve informar o total aproximado dos tributos.",
    "E0713": "Não optante informa o total aproximado dos tributos em valor ou em percentual.",
    "E0714": "A assinatura da DPS é inválida.",
    "E0715": "O certificado da assinatura da DPS é inválido ou está fora da validade.",
    "E0716": "O certificado da assinatura da DPS não pertence à cadeia ICP-Brasil.",
    "E0717": "A DPS não está assinada.",
    "E0718": "O certificado da assinatura não é do emitente da DPS.",
    "E1508": "O valor líquido da NFS-e é negativo.",
    # IBS/CBS
    "E0850": "O grupo IBSCBS não deve ser informado para competência anterior a 2026.",
    "E0940": "A chave do DF-e do reembolso é incorreta.",
    "E0942": "Outro documento fiscal não se informa para competência posterior a 31/12/2025.",
    "E0943": "O município do documento fiscal do reembolso é incorreto.",
    "E0945": "O CNPJ do fornecedor do reembolso é inválido.",
    "E0946": "O CNPJ do fornecedor do reembolso não consta do cadastro.",
    "E0947": "O CPF do fornecedor do reembolso é inválido.",
    "E0950": "A emissão do documento do reembolso é anterior à competência dele.",
    "E0952": "A descrição do tipo de reembolso não deve ser preenchida.",
    "E0953": "O valor do reembolso passa do valor do serviço.",
    "E0959": "O código de classificação tributária não corresponde ao CST.",
    "E1534": "O total dos reembolsos deve ser menor que o valor do serviço.",
    # events
    "E0822": "O prazo para cancelar a NFS-e terminou: solicite a análise fiscal.",
    "E0823": "O valor da NFS-e passa do limite para o cancelamento: solicite a análise fiscal.",
    "E0840": "A NFS-e já está cancelada ou substituída.",
    "E0845": "Já há solicitação de análise fiscal para a NFS-e.",
    "E0848": "A NFS-e está bloqueada para este evento.",
    "E1827": "O Id do pedido difere da concatenação dos campos que o formam.",
    "E1829": "O código do evento no Id difere do evento informado.",
    "E1831": "A NFS-e do pedido não existe.",
    "E1833": "Este ator já se manifestou sobre a NFS-e.",
    "E1843": "A data e hora do evento é posterior à do processamento.",
    "E1845": "O tipo de ambiente do pedido difere do ambiente de recepção.",
    "E1980": "O pedido de registro de evento não está assinado.",
    "E1982": "O certificado da assinatura do pedido é inválido ou está fora da validade.",
    "E1983": "O certificado da assinatura do pedido não pertence à cadeia ICP-Brasil.",
    "E1985": "A assinatura do pedido é inválida.",
    "E1991": "O certificado da assinatura não é do autor do pedido.",
}


@dataclass(frozen=True)
class Mensagem:
    """What is wrong; `complemento` says where, when the service would."""

    codigo: str
    descricao: str
    complemento: str = ""


def mensagem(codigo: str, complemento: str = "") -> Mensagem:
    return Mensagem(codigo, TEXTOS[codigo], complemento)


def sem_numero(texto: str) -> Mensagem:
    """A rule that is published, and its number is not."""
    return mensagem("E999", texto)


class Recusa(Exception):
    """Everything that a pass of checks found."""

    def __init__(self, http: int, *mensagens: Mensagem) -> None:
        super().__init__(", ".join(item.codigo for item in mensagens))
        self.http, self.mensagens = http, mensagens


def sem_codigo(http: int, texto: str) -> Recusa:
    """A refusal for which no code is published."""
    return Recusa(http, Mensagem("E999", texto))


def recusa(codigo: str, complemento: str = "", *, http: int = 400) -> Recusa:
    return Recusa(http, mensagem(codigo, complemento))
