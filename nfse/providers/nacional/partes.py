"""Parts of the layout that several groups share: people and addresses."""

from comum.documentos import algarismos as so_algarismos
from nfse.providers.interface import Endereco, Pessoa
from nfse.providers.nacional.escrita import campo, grupo, nome, restrito

__all__ = ["documento_de", "endereco", "endereco_simples", "pessoa", "so_algarismos"]


def documento_de(pessoa: Pessoa) -> str:
    """CNPJ, CPF, the foreign number, or why there is none."""
    numero = "".join(letra for letra in pessoa.documento if letra not in "./- ").upper()
    if numero:
        return campo("CNPJ" if len(numero) == 14 else "CPF", numero)
    return campo("NIF", nome(pessoa.nif)) or campo("cNaoNIF", pessoa.sem_nif)


def pessoa(elemento: str, quem: Pessoa | None) -> str:
    """Tomador, intermediário, fornecedor. A tomador of whom nothing is known is not sent."""
    if quem is None or not (documento := documento_de(quem)):
        return ""
    return grupo(
        elemento,
        documento,
        campo("IM", nome(quem.inscricao_municipal)),
        campo("xNome", nome(quem.nome)),
        endereco(quem.endereco),
        campo("fone", so_algarismos(quem.telefone)),
        campo("email", restrito(quem.email)),
    )


def endereco(onde: Endereco | None) -> str:
    if onde is None:
        return ""
    if onde.pais == "BR":
        lugar = grupo("endNac", campo("cMun", onde.municipio), campo("CEP", so_algarismos(onde.cep)))
    else:
        lugar = grupo("endExt", campo("cPais", onde.pais), _exterior(onde))
    return grupo("end", lugar, _rua(onde))


def endereco_simples(onde: Endereco | None) -> str:
    """The address of a site, an event or an imóvel, which has neither município nor country of its own."""
    if onde is None:
        return ""
    lugar = campo("CEP", so_algarismos(onde.cep)) if onde.pais == "BR" else grupo("endExt", _exterior(onde))
    return grupo("end", lugar, _rua(onde))


def _exterior(onde: Endereco) -> str:
    return campo("cEndPost", nome(onde.cep)) + campo("xCidade", nome(onde.cidade)) + campo("xEstProvReg", nome(onde.uf))


def _rua(onde: Endereco) -> str:
    return (
        campo("xLgr", restrito(onde.logradouro))
        + campo("nro", restrito(onde.numero))
        + campo("xCpl", restrito(onde.complemento))
        + campo("xBairro", restrito(onde.bairro))
    )
