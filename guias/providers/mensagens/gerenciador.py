"""Codes of the manager, common to every service. Source: SERPRO, "Mensagens do Gerenciador" (8 September 2026)."""

from guias.providers.mensagens.regras import (
    PROCURACAO_FORA,
    SEM_PROCURACAO,
    Destino,
    Regra,
    credencial,
    empresa,
    recusada,
)

_CONFERE = "O Guichê confere antes de repetir."
_TESTE = "Teste a conexão da credencial na tabela 102."
_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."
_LOTE = "Corrija-o no cadastro da empresa e consulte de novo."


def _interno(mensagem: str) -> Regra:
    return Regra(Destino.DUVIDA, f"{mensagem} {_CONFERE}")


def _token(mensagem: str) -> Regra:
    """Refused although the tokens are new: it was asked for once more before this is told."""
    return Regra(Destino.REAUTENTICAR, f"{mensagem} {_TESTE}")


def _fora(mensagem: str) -> Regra:
    return Regra(Destino.INDISPONIVEL, f"{mensagem} O Guichê tenta de novo.")


def _nao_aberto(mensagem: str) -> Regra:
    return recusada(f"{mensagem} Faça-o {{onde}}.")


TABELA: dict[str, Regra] = {
    "001": _interno("O SERPRO não conseguiu acionar o serviço ({sistema}) pelo caminho do pedido."),
    "002": _interno("O SERPRO falhou ao encaminhar o pedido ao serviço ({sistema})."),
    "003": _token("O SERPRO não recebeu a identificação da loja junto do token, mesmo renovado."),
    "004": _token("O SERPRO não conhece a chave com que o token foi assinado, mesmo renovado."),
    "005": _token("O SERPRO não aceitou a assinatura do token da loja, mesmo renovado."),
    "006": recusada("O CNPJ do autor do pedido é inválido. Corrija-o no vínculo da empresa."),
    "007": recusada("O CPF do autor do pedido é inválido. Corrija-o no vínculo da empresa."),
    "008": recusada("O CNPJ da empresa não passou na conferência do SERPRO. Corrija o cadastro da empresa."),
    "009": recusada("O CPF do contribuinte não passou na conferência do SERPRO. Corrija o cadastro da empresa."),
    "010": credencial("O CNPJ do contratante é inválido. Confira o certificado da credencial na tabela 102."),
    "011": credencial(
        "O contratante foi informado com um CPF inválido, e ele é sempre um CNPJ. Confira o certificado da credencial "
        "na tabela 102."
    ),
    "012": recusada(
        "O tipo (CPF ou CNPJ) de uma das partes não serve no serviço {sistema}. As palavras do serviço dizem de qual: "
        "confira o documento da empresa no cadastro ou o autor do pedido no vínculo."
    ),
    "013": _token("O SERPRO não aceitou a assinatura do jwt_token, mesmo renovado."),
    "014": credencial(
        "O SERPRO não identificou o contratante pelas chaves da credencial. Confira o Consumer Key e o Consumer Secret "
        "na tabela 102."
    ),
    "015": credencial(
        "O SERPRO não identificou o contratante pelo certificado da credencial. Confira o e-CNPJ na tabela 102."
    ),
    "016": credencial(
        "O certificado da credencial não é o do contratante. Troque o certificado na tabela 102 pelo e-CNPJ "
        "usado na compra."
    ),
    "017": recusada(f"O SERPRO não tem este serviço ({{sistema}}) no caminho em que foi pedido. {_INFORME}"),
    "018": credencial(
        "O contratante não é o dono do contrato destas chaves. Confira o Consumer Key e o certificado na tabela 102."
    ),
    "019": empresa(
        "O autor do pedido não é o contratante, e o SERPRO não recebeu o termo de autorização dele. Confira o "
        "procurador e o certificado dele na janela API Integra Contador, e repita."
    ),
    "020": Regra(
        Destino.TERMO,
        "O SERPRO não achou o token do procurador, ou ele venceu, mesmo depois de renovado. Confira o certificado dele "
        "na janela API Integra Contador, e repita.",
    ),
    "021": recusada("O SERPRO não abre este serviço por procuração. Faça-o com o certificado da própria empresa."),
    "022": SEM_PROCURACAO,
    "023": _interno("O SERPRO falhou ao examinar o acesso."),
    "025": _token("O SERPRO não aceitou a assinatura do token do certificado, mesmo renovado."),
    "026": _token("O SERPRO não conseguiu ler o token do certificado, mesmo renovado."),
    "027": credencial("O SERPRO negou o acesso desta credencial. Confira se o contrato está ativo na loja do SERPRO."),
    "028": _nao_aberto("O SERPRO não achou este serviço ({sistema})."),
    "029": _interno("O SERPRO falhou ao acionar o serviço ({sistema})."),
    "030": empresa(
        "O sistema de procurações recusou a forma da consulta, e o acesso à empresa foi negado. Confira o CPF ou CNPJ "
        "da empresa e o do autor do pedido, e repita."
    ),
    "031": empresa(
        "O sistema de procurações não autorizou a consulta, e o acesso à empresa foi negado. Confira no e-CAC a "
        "procuração da empresa para o autor do pedido, e repita."
    ),
    "032": empresa(
        "A procuração da empresa não inclui este serviço ({sistema}). Peça ao cliente que acrescente o poder no e-CAC, "
        "e repita."
    ),
    "033": _fora("O sistema de procurações da Receita falhou, e o acesso foi negado."),
    "034": _interno("O sistema de procurações da Receita teve um erro interno."),
    "035": PROCURACAO_FORA,
    "036": _interno("O sistema de procurações da Receita respondeu algo que o SERPRO não conhece."),
    "037": _token("O SERPRO não conseguiu validar o token de acesso, mesmo renovado."),
    "038": _token("O SERPRO não conseguiu validar o token do certificado, mesmo renovado."),
    "040": recusada(f"O SERPRO não aceitou a versão do serviço ({{sistema}}) no pedido. {_INFORME}"),
    "041": _token("O SERPRO não recebeu um jwt_token que servisse, mesmo renovado."),
    "042": Regra(
        Destino.TERMO,
        "O SERPRO recebeu um token do procurador malformado, mesmo depois de renovado. Confira o certificado dele na "
        "janela API Integra Contador, e repita.",
    ),
    "043": recusada(
        "O serviço {sistema} não atende este tipo de contribuinte (CPF ou CNPJ). Confira o documento da empresa no "
        "cadastro."
    ),
    "044": _nao_aberto("O SERPRO ainda não oferece este serviço ({sistema}) em produção."),
    "045": credencial(
        "O SERPRO não conseguiu ler os dados do contrato desta credencial. Confira as chaves e o certificado na "
        "tabela 102, e se o contrato está ativo na loja do SERPRO."
    ),
    "046": recusada(f"A lista da consulta em lote tem um CNPJ com caractere que o SERPRO não aceita. {_LOTE}"),
    "047": recusada(
        "A lista da consulta em lote tem um CNPJ repetido. Veja qual nas palavras do serviço, deixe uma só empresa com "
        "ele no cadastro e consulte de novo."
    ),
    "048": recusada(f"A lista da consulta em lote tem um CNPJ inválido, que as palavras do serviço dizem. {_LOTE}"),
    "049": recusada(f"A lista da consulta em lote tem um CPF inválido, que as palavras do serviço dizem. {_LOTE}"),
    "050": recusada(f"A lista da consulta em lote tem um documento em branco. {_LOTE}"),
    "051": recusada(
        "Este serviço ({sistema}) não recebe este tipo de contribuinte (um CPF, um CNPJ ou uma lista). Confira o "
        "documento da empresa no cadastro."
    ),
    "052": recusada(f"O SERPRO não conhece o serviço pedido ({{sistema}}). {_INFORME}"),
    "053": empresa(
        "O termo de autorização do autor do pedido foi feito para outro contratante. Confira na janela API Integra "
        "Contador a credencial da empresa e o procurador, e repita."
    ),
    "054": empresa(
        "O termo de autorização não foi assinado pelo autor do pedido. Confira na janela API Integra Contador o "
        "procurador e se o certificado é dele, e repita."
    ),
    "055": _nao_aberto("O SERPRO descontinuou este serviço ({sistema})."),
    "056": _interno("O serviço da Receita ({sistema}) respondeu ao SERPRO sem conteúdo que se pudesse ler."),
    "057": recusada(
        f"A lista da consulta em lote tem um documento com caractere que não é número nem letra de A a Z. {_LOTE}"
    ),
}
