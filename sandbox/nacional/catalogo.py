"""The operations of this simulator, by the names that rules and limits use."""

SERVICO = "nacional"

EMITIR = "nfse_emitir"
REGISTRAR_EVENTO = "evento_registrar"
COM_EFEITO = frozenset({EMITIR, REGISTRAR_EVENTO})
CONSULTAR_NFSE, CONSULTAR_DPS, VERIFICAR_DPS = "nfse_consultar", "dps_consultar", "dps_verificar"
CONSULTAR_EVENTO = "evento_consultar"
DISTRIBUIR, EVENTOS_DA_NFSE = "dfe_distribuir", "nfse_eventos"
CONVENIO, ALIQUOTA, HISTORICO = "convenio", "aliquota", "historico_aliquotas"
REGIMES, RETENCOES, BENEFICIO = "regimes_especiais", "retencoes", "beneficio"
DANFSE, DECISAO_JUDICIAL, MUDADA = "danfse", "decisao_judicial", "rota_mudada"

_TODAS = (
    *(EMITIR, CONSULTAR_NFSE, CONSULTAR_DPS, VERIFICAR_DPS, REGISTRAR_EVENTO, CONSULTAR_EVENTO),
    *(DISTRIBUIR, EVENTOS_DA_NFSE),
    *(CONVENIO, ALIQUOTA, HISTORICO, REGIMES, RETENCOES, BENEFICIO),
    *(DANFSE, DECISAO_JUDICIAL, MUDADA),
)


def nomes() -> list[str]:
    return list(_TODAS)
