CREATE OR REPLACE VIEW `segments` AS
WITH shoal_read AS (
  SELECT
    `id` AS `key1`,
    CASE WHEN ABS(CAST(`Größe` AS DOUBLE)) <= 1e+60 THEN CAST(`Größe` AS DOUBLE) END AS `n1`,
    CASE WHEN ABS(CAST(`active` AS DOUBLE)) <= 1e+60 THEN CAST(`active` AS DOUBLE) END AS `n2`,
    CASE
      WHEN ABS(
        CAST(CASE
          WHEN NOT CAST(`last` AS DATE) IS NULL
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) >= -25566.0e0
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) < 47482.0e0
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) <> 0.0e0
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) <= 19904.0e0
          THEN 19904.0e0 - DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE))
        END AS DOUBLE)
      ) <= 1e+60
      THEN CAST(CASE
        WHEN NOT CAST(`last` AS DATE) IS NULL
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) >= -25566.0e0
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) < 47482.0e0
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) <> 0.0e0
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE)) <= 19904.0e0
        THEN 19904.0e0 - DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(`last` AS DATE))
      END AS DOUBLE)
    END AS `n3`,
    CASE TRIM(' \t    ' FROM CAST(`member` AS STRING))
      WHEN 'No'
      THEN 0.0e0
      WHEN 'Yes'
      THEN 1.0e0
    END AS `n4`,
    TRIM(' \t    ' FROM CAST(`plan` AS STRING)) AS `w5`,
    CASE TRIM(' \t    ' FROM CAST(`plan` AS STRING))
      WHEN 'A'
      THEN 1
      WHEN 'it\'s'
      THEN 2
    END AS `k5`
  FROM `shop`.`customers`
), shoal_encoded AS (
  SELECT
    `key1`,
    CASE
      WHEN NOT `n1` IS NULL
      OR NOT `n2` IS NULL
      OR NOT NULLIF(`n3`, -1.0e0) IS NULL
      OR NOT `n4` IS NULL
      OR NOT `k5` IS NULL
      OR (
        NOT `w5` IN (
          '',
          'NA',
          'N/A',
          'n/a',
          'NULL',
          'null',
          'NaN',
          'nan',
          '-nan',
          '<NA>',
          '?',
          '??',
          '-',
          '--',
          '\\N',
          '(null)',
          '#N/A',
          '#N/A N/A',
          '#NA',
          '#DIV/0!',
          '#VALUE!',
          '#REF!',
          '#NAME?',
          '#NUM!',
          '#NULL!'
        )
      )
      THEN 1
      ELSE 0
    END AS `able`,
    CASE WHEN `n3` < -5.0e0 OR `n3` > 900.0e0 THEN 1 ELSE 0 END AS `beyond`,
    (
      CASE
        WHEN COALESCE(`n1`, 2.0e0) + 1.5e0 > 0.0e0
        THEN LN(COALESCE(`n1`, 2.0e0) + 1.5e0)
        ELSE -19.5e0
      END - 0.5e0
    ) * 0.5e0 AS `e1`,
    (
      COALESCE(`n2`, 1.0e0) - 0.25e0
    ) * 2.0e0 AS `e2`,
    (
      COALESCE(NULLIF(`n3`, -1.0e0), 30.0e0) - 40.0e0
    ) * 0.05e0 AS `e3`,
    COALESCE(`n4`, 0.0e0) * 2.0e0 AS `e4`,
    CASE WHEN `k5` = 1 THEN 2.0e0 WHEN NOT `k5` IS NULL THEN 0.0e0 ELSE 1.5e0 END AS `e5`,
    CASE WHEN `k5` = 2 THEN 2.0e0 WHEN NOT `k5` IS NULL THEN 0.0e0 ELSE 0.5e0 END AS `e6`
  FROM shoal_read
), shoal_distances AS (
  SELECT
    `key1`,
    `able`,
    `beyond`,
    (
      `e1` - 0.1e0
    ) * (
      `e1` - 0.1e0
    ) + `e2` * `e2` + `e3` * `e3` + `e4` * `e4` + (
      `e5` - 1.0e0
    ) * (
      `e5` - 1.0e0
    ) + `e6` * `e6` AS `d1`,
    (
      `e1` + 0.2e0
    ) * (
      `e1` + 0.2e0
    ) + (
      `e2` - 1.0e0
    ) * (
      `e2` - 1.0e0
    ) + `e3` * `e3` + (
      `e4` - 1.0e0
    ) * (
      `e4` - 1.0e0
    ) + `e5` * `e5` + (
      `e6` - 1.0e0
    ) * (
      `e6` - 1.0e0
    ) AS `d2`
  FROM shoal_encoded
), shoal_nearest AS (
  SELECT
    `key1`,
    `able`,
    `beyond`,
    `d1`,
    `d2`,
    CASE WHEN `d1` <= `d2` THEN 1 ELSE 2 END AS `nearest`
  FROM shoal_distances
), shoal_others AS (
  SELECT
    `key1`,
    `able`,
    `beyond`,
    `nearest`,
    CASE `nearest` WHEN 1 THEN `d1` WHEN 2 THEN `d2` END AS `first`,
    CASE WHEN `nearest` = 1 THEN 1.7976931348623157e+308 ELSE `d1` END AS `o1`,
    CASE WHEN `nearest` = 2 THEN 1.7976931348623157e+308 ELSE `d2` END AS `o2`
  FROM shoal_nearest
), shoal_runner AS (
  SELECT
    `key1`,
    `able`,
    `beyond`,
    `nearest`,
    `first`,
    `o1`,
    `o2`,
    CASE WHEN `o1` <= `o2` THEN 1 ELSE 2 END AS `runner`
  FROM shoal_others
)
SELECT
  `key1` AS `id`,
  CASE WHEN `able` = 1 THEN `nearest` END AS `segment`,
  CASE
    WHEN `able` = 1
    THEN CASE `nearest` WHEN 1 THEN 'It\'s A' WHEN 2 THEN 'B \\ ü' END
    ELSE ''
  END AS `name`,
  CASE
    WHEN `able` = 1
    THEN CASE `runner` WHEN 1 THEN 'It\'s A' WHEN 2 THEN 'B \\ ü' END
    ELSE ''
  END AS `runner_up`,
  CASE
    WHEN `able` = 1
    THEN COALESCE(
      FLOOR(
        (
          1.0e0 - SQRT(`first`) / SQRT(NULLIF(CASE `runner` WHEN 1 THEN `o1` WHEN 2 THEN `o2` END, 0.0e0))
        ) * 10000.0e0 + 0.5e0
      ) / 10000.0e0,
      0.0e0
    )
    ELSE 0.0e0
  END AS `margin`,
  CAST(CASE
    WHEN `able` = 1
    AND (
      `beyond` = 1
      OR SQRT(`first`) > CASE `nearest` WHEN 1 THEN 3.5e0 WHEN 2 THEN 4.5e0 END
    )
    THEN 1
    ELSE 0
  END AS BOOLEAN) AS `unlike_anyone`
FROM shoal_runner
