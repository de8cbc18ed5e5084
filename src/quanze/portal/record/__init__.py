"""记录：查找、查看、核验、导出、归档的页面。The record itself is base.audit; what is business and what is administration is known here."""
