"""Sources: where deliveries of workforce data come from, and how a file is read.

``files`` reads one file (CSV, JSON, XML, plain or gzip) as records; ``source`` says
what every source gives the engine; ``landing`` takes deliveries from a folder by their
manifests, whether the folder is here (``folder``) or behind SFTP (``sftp``);
``configured`` makes the source that a mapping file describes.
"""
