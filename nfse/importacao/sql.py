"""What the import of tomadores does in the database, statement by statement, over two temporary tables: the lines as
read (`tomador_linha`), and what would become of each (`tomador_plano`)."""

# In the order of the COPY, between `linha` and the derived columns.
COLUNAS_LIDAS = (
    "empresa",
    "documento",
    "nome",
    "inscricao_municipal",
    "email",
    "telefone",
    "cep",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "municipio",
    "pais",
    "nif",
    "cidade",
    "regiao",
    "codigo_postal",
    "sem_nif",
    "ativo",
)
COLUNAS_COPIADAS = (
    "linha",
    "empresa_id",
    "documento",
    "nome",
    "inscricao_municipal",
    "email",
    "telefone",
    "cep",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "municipio_id",
    "pais",
    "nif",
    "cidade_exterior",
    "regiao_exterior",
    "codigo_postal",
    "sem_nif",
    "ativo",
    "ordem",
    "busca",
)
# Column of the table -> column of the file: what the file may change. A blank cell (NULL) leaves what is stored.
ALTERAVEIS = {
    "nome": "nome",
    "inscricao_municipal": "inscricao_municipal",
    "email": "email",
    "telefone": "telefone",
    "cep": "cep",
    "logradouro": "logradouro",
    "numero": "numero",
    "complemento": "complemento",
    "bairro": "bairro",
    "municipio_id": "municipio",
    "nif": "nif",
    "cidade_exterior": "cidade",
    "regiao_exterior": "regiao",
    "codigo_postal": "codigo_postal",
    "sem_nif": "sem_nif",
    "ativo": "ativo",
}

CRIAR_LINHA = """
DROP TABLE IF EXISTS tomador_plano, tomador_linha;
CREATE TEMPORARY TABLE tomador_linha (
    linha integer, empresa_id bigint, documento varchar, nome varchar, inscricao_municipal varchar, email varchar,
    telefone varchar, cep varchar, logradouro varchar, numero varchar, complemento varchar, bairro varchar,
    municipio_id varchar, pais varchar, nif varchar, cidade_exterior varchar,
    regiao_exterior varchar, codigo_postal varchar, sem_nif varchar, ativo boolean, ordem text, busca text,
    tomador_id bigint, iguais integer
) ON COMMIT DROP
"""

# Who is abroad has no document: known by country and NIF or else by country and name, unless the two NIFs differ.
RECONHECER = """
ANALYZE tomador_linha (empresa_id, documento);
UPDATE tomador_linha l SET tomador_id = t.id FROM nfse_tomador t
 WHERE l.documento IS NOT NULL AND t.documento <> '' AND t.documento = l.documento AND t.empresa_id = l.empresa_id;
UPDATE tomador_linha l SET tomador_id = a.id, iguais = a.quantos
  FROM (SELECT l.linha, min(t.id) AS id, count(*) AS quantos FROM tomador_linha l
          JOIN nfse_tomador t ON t.empresa_id = l.empresa_id AND t.documento = '' AND t.pais = l.pais AND t.nif = l.nif
         WHERE l.documento IS NULL GROUP BY l.linha) a
 WHERE a.linha = l.linha;
UPDATE tomador_linha l SET tomador_id = a.id, iguais = a.quantos
  FROM (SELECT l.linha, min(t.id) AS id, count(*) AS quantos FROM tomador_linha l
          JOIN nfse_tomador t ON t.empresa_id = l.empresa_id AND t.documento = '' AND t.pais = l.pais
           AND t.ordem = l.ordem AND (l.nif IS NULL OR t.nif = '')
         WHERE l.documento IS NULL AND l.tomador_id IS NULL GROUP BY l.linha) a
 WHERE a.linha = l.linha
"""
# Lines abroad that may mean more than one stored row, or a row that a line before them means too.
AMBIGUAS = """
SELECT linha, nome, iguais > 1, primeira
  FROM (SELECT linha, nome, iguais, min(linha) OVER (PARTITION BY tomador_id) AS primeira FROM tomador_linha
         WHERE documento IS NULL AND tomador_id IS NOT NULL) l
 WHERE iguais > 1 OR linha > primeira
"""

_DIFERE = " OR ".join(f"(l.{campo} IS NOT NULL AND l.{campo} IS DISTINCT FROM t.{campo})" for campo in ALTERAVEIS)


def _final(campo: str) -> str:
    return f"coalesce(l.{campo}, t.{campo}, '')"


# As Tomador.tem_endereco says it.
_INCOMPLETO = (
    f"{_final('logradouro')} = '' OR {_final('numero')} = '' OR CASE WHEN l.documento IS NULL THEN "
    f"{_final('cidade_exterior')} = '' ELSE {_final('municipio_id')} = '' OR {_final('cep')} = '' "
    f"OR {_final('bairro')} = '' END"
)
CRIAR_PLANO = f"""
CREATE TEMPORARY TABLE tomador_plano ON COMMIT DROP AS
SELECT l.*, t.id IS NOT NULL AND ({_DIFERE}) AS mudou, t.busca AS busca_antes, t.ordem AS ordem_antes,
       {_INCOMPLETO} AS incompleto
  FROM tomador_linha l LEFT JOIN nfse_tomador t ON t.id = l.tomador_id
"""  # noqa: S608 - names of this module

# One character a line: what would become of it. The digest of all of them is what the user approves.
CLASSES = """
SELECT count(*) FILTER (WHERE tomador_id IS NULL),
       count(*) FILTER (WHERE mudou),
       count(*) FILTER (WHERE tomador_id IS NOT NULL AND NOT mudou),
       count(*) FILTER (WHERE incompleto),
       md5(coalesce(string_agg(CASE WHEN tomador_id IS NULL THEN 'n' WHEN mudou THEN 'c' ELSE 'i' END || linha, ','
           ORDER BY linha), ''))
  FROM tomador_plano
"""

INSERIR = """
INSERT INTO nfse_tomador (empresa_id, documento, nome, inscricao_municipal, email, telefone, cep, logradouro, numero,
       complemento, bairro, municipio_id, pais, nif, cidade_exterior, regiao_exterior, codigo_postal, sem_nif, ativo,
       ordem, busca, criado_em, alterado_em)
SELECT empresa_id, coalesce(documento, ''), nome, coalesce(inscricao_municipal, ''), coalesce(email, ''),
       coalesce(telefone, ''), coalesce(cep, ''), coalesce(logradouro, ''), coalesce(numero, ''),
       coalesce(complemento, ''), coalesce(bairro, ''), municipio_id, coalesce(pais, 'BR'), coalesce(nif, ''),
       coalesce(cidade_exterior, ''), coalesce(regiao_exterior, ''), coalesce(codigo_postal, ''),
       coalesce(sem_nif, ''), coalesce(ativo, true), coalesce(ordem, ''),
       CASE WHEN documento IS NULL THEN lower(coalesce(nif, '')) || busca ELSE busca END, now(), now()
  FROM tomador_plano WHERE tomador_id IS NULL ORDER BY linha
"""

# Abroad the search begins by the NIF, which the line may leave as it is stored.
BUSCA_NO_EXTERIOR = """
UPDATE tomador_plano p SET busca = lower(coalesce(p.nif, t.nif)) || p.busca
  FROM nfse_tomador t WHERE t.id = p.tomador_id AND p.documento IS NULL AND p.mudou
"""

_ATRIBUIR = ", ".join(f"{campo} = coalesce(p.{campo}, t.{campo})" for campo in ALTERAVEIS)
ALTERAR = f"""
UPDATE nfse_tomador t SET {_ATRIBUIR}, ordem = coalesce(p.ordem, ''), busca = p.busca, alterado_em = now()
  FROM tomador_plano p WHERE t.id = p.tomador_id AND p.mudou
"""  # noqa: S608 - names of this module

# What is found by the tomador's name takes the new one.
CONTRATOS = """
UPDATE nfse_contrato c SET ordem = coalesce(p.ordem, '') FROM tomador_plano p
 WHERE c.tomador_id = p.tomador_id AND p.mudou AND p.ordem IS DISTINCT FROM p.ordem_antes
"""
NOTAS = """
UPDATE nfse_nota n SET busca = replace(n.busca, p.busca_antes, p.busca) FROM tomador_plano p
 WHERE n.tomador_id = p.tomador_id AND p.mudou AND p.busca IS DISTINCT FROM p.busca_antes AND p.busca_antes <> ''
"""

_PARES = ", ".join(f"t.{campo}, coalesce(p.{campo}, t.{campo})" for campo in ALTERAVEIS)
MUDANCAS = f"""
SELECT p.linha, t.documento, t.nome, {_PARES} FROM tomador_plano p JOIN nfse_tomador t ON t.id = p.tomador_id
 WHERE p.mudou ORDER BY p.linha LIMIT %s
"""  # noqa: S608 - names of this module
