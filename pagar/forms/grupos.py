"""How the fields of each body are parted on the screen: the first group is always open, the others are folded."""

from collections.abc import Mapping, Sequence

from pagar.providers.blocos import AbatimentoAntecipacao, AbatimentoPrevisao, Imposto, Rateio, Relacao
from pagar.providers.interface import (
    Antecipacao,
    Atualizacao,
    Cambio,
    Estorno,
    LotePagamento,
    LoteTitulos,
    RateioAlteracao,
    Titulo,
    TituloPago,
)

Grupos = Sequence[tuple[str, Sequence[str]]]

_CONTABIL = (
    "plano_contas", "conta", "unidade_negocio", "plano_centro_custo", "centro_custo", "fluxo", "valor",
)  # fmt: skip
# What of a line is seen at once; the rest of it is behind *Mais*.
COLUNAS: Mapping[type, Sequence[str]] = {
    Rateio: _CONTABIL,
    RateioAlteracao: _CONTABIL,
    AbatimentoAntecipacao: ("estabelecimento", "especie", "serie", "fornecedor", "numero", "parcela", "valor"),
    AbatimentoPrevisao: (
        "estabelecimento", "especie", "serie", "fornecedor", "numero", "parcela", "valor", "zera_saldo",
    ),
    Imposto: ("imposto", "classificacao", "rendimento", "base", "aliquota", "valor", "vencimento", "fornecedor"),
    Relacao: ("estabelecimento", "valor", "motivo"),
    Cambio: ("contrato", "identificador", "data_importacao", "estabelecimento", "referencia", "data_referencia"),
}  # fmt: skip

# As the screen calls them, where the ERP's own name is long.
ROTULOS: Mapping[str, str] = {
    "emissao": "Emissão",
    "previsao": "Previsão",
    "numero": "Número",
    "forma_pagamento": "Forma",
    "baixa_imediata": "Baixa imediata",
}
AJUDAS: Mapping[str, str] = {
    "baixa_imediata": "sem ela, o borderô espera o banco",
    "parcial": "se um título for recusado, os outros seguem",
    "transacao": "em branco: 1; o movimento se acha pela referência",
}

_SEGURO = ("Seguro e leasing", ("seguradora", "apolice", "arrendador", "contrato_leasing"))
_1099 = ("Formulário 1099 (EUA)", ("valor_1099", "fiscal_1099", "tipo_1099"))
_CHEQUE = ("talonario", "cheque", "favorecido", "nome_favorecido")
GRUPOS: Mapping[type, Grupos] = {
    Titulo: (
        (
            "",
            (
                "especie", "serie", "numero", "parcela", "valor", "emissao", "vencimento", "previsao", "portador",
                "forma_pagamento", "carteira", "historico",
            ),
        ),
        (
            "Encargos e desconto",
            (
                "desconto", "desconto_percentual", "data_desconto", "multa", "juros_dia", "juros_dia_percentual",
                "carencia",
            ),
        ),
        ("Moeda e câmbio", ("moeda", "cotacao")),
        ("Parcelamento pelo ERP", ("parcelas", "dias", "calculo_vencimento")),
        _SEGURO,
        ("Investimento e safra", ("ordem_investimento", "safra")),
        ("Códigos externos", ("portador_externo", "modalidade_externa", "finalidade_externa")),
        _1099,
    ),
    LoteTitulos: (
        (
            "",
            (
                "especie", "moeda", "empresa_externa", "estabelecimento_externo", "finalidade_externa", "saldo_inicial",
            ),
        ),
    ),
    Antecipacao: (
        (
            "",
            (
                "especie", "serie", "numero", "parcela", "valor", "emissao", "vencimento", "portador",
                "historico_padrao", "historico",
            ),
        ),
        ("Código de barras", ("codigo_barras", "tipo_codigo_barras", "titulo_no_banco")),
        ("Cheque", _CHEQUE),
        ("Moeda e câmbio", ("moeda", "cotacao")),
        _SEGURO,
        ("Safra", ("safra",)),
        (
            "Códigos externos",
            ("empresa_externa", "estabelecimento_externo", "portador_externo", "modalidade_externa"),
        ),
    ),
    LotePagamento: (
        (
            "",
            (
                "tipo", "data", "portador", "bordero", "estabelecimento_bordero", "estabelecimento_referencia",
                "carteira", "escritural", "enviado", "baixa_imediata", "parcial", "no_estabelecimento_do_titulo",
            ),
        ),
        ("Totais e fornecedor", ("total", "total_informado", "fornecedor")),
        ("Moeda, finalidade e mensagens", ("moeda", "finalidade", "mensagem_inicial", "mensagem_final")),
        (
            "Códigos externos",
            ("estabelecimento_externo", "portador_externo", "modalidade_externa", "finalidade_externa"),
        ),
        ("Formulário 1099 (EUA)", ("informe_1099__valor", "informe_1099__fiscal", "informe_1099__tipo")),
    ),
    TituloPago: (
        (
            "",
            (
                "valor", "juros", "multa", "desconto", "correcao", "forma_pagamento",
            ),
        ),
        (
            "Pagamento",
            (
                "abatimento", "forma_alternativa", "portador", "carteira", "finalidade", "documento_no_banco",
                "referencia_antecipacao", "comentario",
            ),
        ),
        ("Câmbio", ("moeda", "cotacao", "data_cotacao", "variacao_cambial")),
        ("Cheque", ("estabelecimento_cheque", *_CHEQUE)),
        ("Códigos externos", ("portador_externo", "modalidade_externa", "finalidade_externa")),
    ),
    Estorno: (
        ("", ("data", "tipo", "transacao", "referencia_movimento", "historico_padrao", "historico")),
        (
            "Reembolso, imposto e item",
            (
                "estorna_impostos", "reembolso", "estabelecimento_reembolso", "reabre_item", "portador",
                "estabelecimento_externo",
            ),
        ),
    ),
    Atualizacao: (
        (
            "",
            (
                "data", "vencimento", "previsao", "saldo", "motivo", "portador", "forma_pagamento", "bloqueado",
                "codigo_barras", "titulo_no_banco", "historico_padrao", "historico",
            ),
        ),
        (
            "Encargos e desconto",
            (
                "multa", "juros_dia", "juros_dia_percentual", "carencia", "desconto", "desconto_percentual",
                "data_desconto",
            ),
        ),
        ("Outras datas e moeda", ("emissao", "ultimo_pagamento", "moeda", "gera_ocorrencia", "situacao")),
        _SEGURO,
        ("Compra e investimento", ("pedido", "ordem_compra", "ordem_investimento", "evento_investimento")),
        ("Códigos externos", ("estabelecimento_externo",)),
        _1099,
    ),
}  # fmt: skip
