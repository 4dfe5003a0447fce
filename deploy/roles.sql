-- The logins of a bureau's database, for psql as a superuser, connected to that database:
--
--   OWNER_PASSWORD=... SERVER_PASSWORD=... psql --file deploy/roles.sql DATABASE
--
-- May be run again: it also hands over the tables of a store that was used before, and renews the
-- passwords. Which rights the server has on which table follows from `bureau db upgrade`, each time.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD

SELECT format('CREATE ROLE %I %s', name, kind)
FROM (VALUES
    ('bureau_application', 'NOLOGIN'),
    ('bureau_owner', 'LOGIN'),
    ('bureau_server', 'LOGIN')
) AS wanted (name, kind)
WHERE to_regrole(name) IS NULL
\gexec

ALTER ROLE bureau_owner PASSWORD :'owner_password';
ALTER ROLE bureau_server PASSWORD :'server_password';
GRANT bureau_application TO bureau_server;

SELECT format(step, current_database())
FROM (VALUES
    ('ALTER DATABASE %I OWNER TO bureau_owner'),
    ('REVOKE ALL ON DATABASE %I FROM PUBLIC'),
    ('GRANT CONNECT ON DATABASE %I TO bureau_application')
) AS steps (step)
\gexec

SELECT format(
    'ALTER %s %s OWNER TO bureau_owner',
    CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass
)
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
UNION ALL
SELECT format('ALTER FUNCTION %s OWNER TO bureau_owner', oid::regprocedure)
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
\gexec
